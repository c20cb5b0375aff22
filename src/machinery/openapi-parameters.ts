/** Parameters of the API's requests, as OpenAPI lists them. */

export interface Parameter {
  name: string
  in: 'query' | 'path'
  type: 'string' | 'boolean' | 'integer'
  description: string
}

function query(name: string, type: Parameter['type'], description: string): Parameter {
  return { name, in: 'query', type, description }
}

export const pretty = query('pretty', 'string', "Whether the answer is indented: 'true' or 'false'.")

export const namespaceParameter: Parameter = {
  name: 'namespace',
  in: 'path',
  type: 'string',
  description: 'Namespace of the objects.',
}

export function nameParameter(kind: string): Parameter {
  return { name: 'name', in: 'path', type: 'string', description: `name of the ${kind}` }
}

const dryRun = query('dryRun', 'string', "'All' goes through every step of the request but storing.")
const fieldManager = query('fieldManager', 'string', 'Name under which the written fields are recorded.')
const fieldValidation = query(
  'fieldValidation',
  'string',
  "What to do about unknown and repeated fields: 'Ignore', 'Warn' or 'Strict'.",
)
const force = query('force', 'boolean', 'Takes fields over from other managers. For apply patches only.')

const selection = [
  query('continue', 'string', 'Where to go on: metadata.continue of the page before.'),
  query('fieldSelector', 'string', 'Only objects whose fields match.'),
  query('labelSelector', 'string', 'Only objects whose labels match.'),
  query('limit', 'integer', 'Most objects to answer at once.'),
  query('resourceVersion', 'string', 'State to read or to start from.'),
  query('resourceVersionMatch', 'string', "How resourceVersion is meant: 'Exact' or 'NotOlderThan'."),
  query('sendInitialEvents', 'boolean', 'Begins a watch with the present objects and a bookmark after them.'),
  query('timeoutSeconds', 'integer', 'Seconds after which the answer ends.'),
]

const deletion = [
  dryRun,
  query('gracePeriodSeconds', 'integer', 'Seconds that the object has to end.'),
  query(
    'ignoreStoreReadErrorWithClusterBreakingPotential',
    'boolean',
    'Deletes an object even if its stored form cannot be read.',
  ),
  query(
    'orphanDependents',
    'boolean',
    'Whether dependents are left alone. propagationPolicy is the newer way to say so.',
  ),
  query('propagationPolicy', 'string', "What happens to dependents: 'Orphan', 'Background' or 'Foreground'."),
]

const byName = (a: Parameter, b: Parameter) => (a.name < b.name ? -1 : 1)

export const listParameters: readonly Parameter[] = [
  ...selection,
  query('allowWatchBookmarks', 'boolean', 'Whether a watch may send bookmarks.'),
  query('watch', 'boolean', 'Answers changes as they happen instead of a list.'),
].sort(byName)

export const writeParameters: readonly Parameter[] = [dryRun, fieldManager, fieldValidation]
export const patchParameters: readonly Parameter[] = [...writeParameters, force].sort(byName)
export const deleteParameters: readonly Parameter[] = [...deletion].sort(byName)
export const deleteCollectionParameters: readonly Parameter[] = [...deletion, ...selection].sort(byName)
