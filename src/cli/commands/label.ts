import { patchContentTypes, type Query, type Rest } from '../../client/index.ts'
import { labelValueProblems } from '../../machinery/names.ts'
import type { KubeObject } from '../../machinery/object.ts'
import type { Command, CommandContext } from '../command.ts'
import { CliError, throwCollected } from '../errors.ts'
import { type DryRun, readDryRun } from '../parse/dry-run.ts'
import type { Flag } from '../parse/flags.ts'
import {
  allFlag,
  allNamespacesFlag,
  dryRunFlag,
  fieldManagerFlag,
  fieldSelectorFlag,
  fileFlags,
  selectorFlag,
} from '../parse/selection-flags.ts'
import { printFlags } from '../print/printer.ts'
import { createResultPrinter } from '../print/result.ts'
import { pathOfSelected, type SelectedObject, selectObjects } from '../resources/select-objects.ts'

/** `label` and `annotate` (cli.md §7.6): two commands of one shape. */

type Field = 'labels' | 'annotations'

const flags: readonly Flag[] = [
  ...printFlags,
  ...fileFlags,
  selectorFlag,
  fieldSelectorFlag,
  allFlag,
  allNamespacesFlag,
  dryRunFlag(),
  { name: 'list', kind: 'bool', help: 'Show what is set.' },
  { name: 'local', kind: 'bool', help: 'Change what a file holds, without a server.' },
  { name: 'overwrite', kind: 'bool', help: 'Replace values that are set already.' },
  { name: 'resource-version', kind: 'string', help: 'Change the object only if it is at this version.' },
]

export const labelCommand: Command = {
  usage: '[--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N [--resource-version=version]',
  long: 'Set labels of objects, or remove them with KEY-.',
  examples: `# Set one label and remove another
$0 label is ruby team=web old-`,
  flags: [...flags, fieldManagerFlag('kubectl-label')],
  run: (context) => run(context, 'labels'),
}

export const annotateCommand: Command = {
  usage: '[--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N [--resource-version=version]',
  long: 'Set annotations of objects, or remove them with KEY-.',
  examples: `# Let a deployment be left alone by its image triggers
$0 annotate deploy web image.openshift.io/triggers-`,
  flags: [...flags, fieldManagerFlag('kubectl-annotate')],
  run: (context) => run(context, 'annotations'),
}

interface Changes {
  set: Map<string, string>
  remove: string[]
}

/** Words with `=`, or ending in `-`, are changes; those before them name objects. */
function splitWords(args: readonly string[], field: Field): { names: string[]; changes: Changes } {
  const isChange = (word: string) => word.includes('=') || word.endsWith('-')
  const at = args.findIndex(isChange)
  const names = at === -1 ? [...args] : args.slice(0, at)
  const changes: Changes = { set: new Map(), remove: [] }
  for (const word of at === -1 ? [] : args.slice(at)) {
    if (!isChange(word))
      throw new CliError(
        `all resources must be specified before ${field === 'labels' ? 'label' : 'annotation'} changes: ${word}`,
      )
    const equals = word.indexOf('=')
    if (equals > 0) {
      if (field === 'labels') checkLabel(word, word.slice(equals + 1))
      changes.set.set(word.slice(0, equals), word.slice(equals + 1))
    } else if (equals === 0)
      throw new CliError(`invalid ${field === 'labels' ? 'label' : 'annotation'} format: ${word}`)
    else changes.remove.push(word.slice(0, -1))
  }
  checkBoth(changes, field)
  return { names, changes }
}

function checkBoth({ set, remove }: Changes, field: Field): void {
  const both = remove.filter((key) => set.has(key))
  if (both.length === 0) return
  throw new CliError(
    field === 'labels'
      ? 'can not both modify and remove a label in the same command'
      : `can not both modify and remove the following annotation(s) in the same command: ${both.join(', ')}`,
  )
}

/** A label is checked before anything is asked; the server has its own word on annotations' keys. */
function checkLabel(word: string, value: string): void {
  if (value.includes('=')) throw new CliError(`invalid label spec: ${word}`)
  const [problem] = labelValueProblems(value)
  if (problem !== undefined) throw new CliError(`invalid label value: ${JSON.stringify(word)}: ${problem}`)
}

async function run(context: CommandContext, field: Field): Promise<void> {
  const { flags: parsed, args, io, session } = context
  const { names, changes } = splitWords(args, field)
  const single = field === 'labels' ? 'label' : 'annotation'
  const fromFiles = parsed.list('filename').length > 0 || parsed.string('kustomize') !== ''
  if (names.length === 0 && !fromFiles)
    throw new CliError('one or more resources must be specified as <resource> <name> or <resource>/<name>')
  if (changes.set.size === 0 && changes.remove.length === 0 && !parsed.bool('list')) {
    throw new CliError(`at least one ${single} update is required`)
  }
  const dryRun = readDryRun(parsed, io)
  checkTogether(context, dryRun)
  const { objects, single: one } = await selectObjects(context, {
    args: names,
    has: { all: true, selector: true, fieldSelector: true, allNamespaces: true, local: true },
  })
  if (parsed.string('resource-version') !== '' && !one)
    throw new CliError('--resource-version may only be used with a single resource')
  if (parsed.bool('list')) return list(context, objects, one, field, changes)
  const printer = await createResultPrinter(context, { dryRun })
  const rest = parsed.bool('local') ? undefined : await session.rest()
  const errors: unknown[] = []
  for (const selected of objects) {
    try {
      const { object, operation } = await change(context, rest, selected, field, changes, dryRun)
      printer.print(object, operation)
    } catch (error) {
      errors.push(error)
    }
  }
  throwCollected(errors)
}

function checkTogether({ flags: parsed }: CommandContext, dryRun: DryRun): void {
  if (parsed.bool('local') && dryRun === 'server')
    throw new CliError('cannot specify --local and --dry-run=server - did you mean --dry-run=client?')
  if (parsed.bool('all') && parsed.string('selector') !== '')
    throw new CliError('cannot set --all and --selector at the same time')
  if (parsed.bool('all') && parsed.string('field-selector') !== '')
    throw new CliError('cannot set --all and --field-selector at the same time')
  if (parsed.bool('list') && parsed.string('output') !== '')
    throw new CliError('--list and --output may not be specified together')
}

/** With changes on the command line what they would make is shown; nothing is sent. */
function list(
  { io, flags: parsed }: CommandContext,
  objects: readonly SelectedObject[],
  one: boolean,
  field: Field,
  changes: Changes,
): void {
  for (const { resource, object } of objects) {
    if (!parsed.bool('overwrite')) checkOverwrite(object.metadata[field] ?? {}, changes, field)
    if (!one)
      io.stdout.write(`Listing ${field} for ${resource.kind}.${resource.group}/${object.metadata.name}:\n`)
    const entries = Object.entries(changed(object, field, changes)).sort(([a], [b]) => (a < b ? -1 : 1))
    for (const [key, value] of entries) io.stdout.write(`${one ? '' : ' '}${key}=${value}\n`)
  }
}

/** The labels or annotations after the changes. */
function changed(object: KubeObject, field: Field, changes: Changes): Record<string, string> {
  const next = { ...object.metadata[field], ...Object.fromEntries(changes.set) }
  for (const key of changes.remove) delete next[key]
  return next
}

/** What may not be replaced without --overwrite. */
function checkOverwrite(current: Readonly<Record<string, string>>, changes: Changes, field: Field): void {
  const taken = [...changes.set].filter(
    ([key, value]) => current[key] !== undefined && current[key] !== value,
  )
  if (taken.length === 0) return
  const texts = taken.map(([key]) => `'${key}' already has a value (${current[key]})`)
  if (field === 'labels') throw new CliError(`${texts[0]}, and --overwrite is false`)
  throw new CliError(
    `--overwrite is false but found the following declared annotation(s): ${texts.join('; ')}`,
  )
}

async function change(
  context: CommandContext,
  rest: Rest | undefined,
  selected: SelectedObject,
  field: Field,
  changes: Changes,
  dryRun: DryRun,
): Promise<{ object: KubeObject; operation: string }> {
  const { flags: parsed, io } = context
  const current = selected.object.metadata[field] ?? {}
  if (!parsed.bool('overwrite')) checkOverwrite(current, changes, field)
  const sent = rest !== undefined && dryRun !== 'client'
  if (field === 'labels' && sent) {
    for (const key of changes.remove)
      if (current[key] === undefined) io.stdout.write(`label ${JSON.stringify(key)} not found.\n`)
  }
  const differing = Object.fromEntries([
    ...[...changes.set].filter(([key, value]) => current[key] !== value),
    ...changes.remove.filter((key) => current[key] !== undefined).map((key) => [key, null] as const),
  ])
  const operation = operationOf(field, changes, differing, parsed.bool('overwrite'))
  const next = changed(selected.object, field, changes)
  const result = { ...selected.object, metadata: { ...selected.object.metadata, [field]: next } }
  if (!sent) return { object: result, operation }
  return { object: await send(context, rest, selected, field, differing, dryRun), operation }
}

function operationOf(field: Field, changes: Changes, differing: object, overwrite: boolean): string {
  if (field === 'annotations') return 'annotated'
  if (Object.keys(differing).length === 0) return 'not labeled'
  return changes.remove.length > 0 && changes.set.size === 0 && !overwrite ? 'unlabeled' : 'labeled'
}

async function send(
  { flags: parsed }: CommandContext,
  rest: Rest,
  selected: SelectedObject,
  field: Field,
  differing: Record<string, string | null>,
  dryRun: DryRun,
): Promise<KubeObject> {
  const version = parsed.string('resource-version')
  const metadata = {
    ...(Object.keys(differing).length === 0 ? {} : { [field]: differing }),
    ...(version === '' ? {} : { resourceVersion: version }),
  }
  const query: Query = {
    dryRun: dryRun === 'server' ? 'All' : undefined,
    fieldManager: parsed.string('field-manager'),
  }
  return rest.json<KubeObject>({
    method: 'PATCH',
    path: pathOfSelected(selected),
    query,
    body: Object.keys(metadata).length === 0 ? {} : { metadata },
    contentType: patchContentTypes.merge,
  })
}
