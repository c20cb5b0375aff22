import { type Query, type Rest, resourcePath } from '../../client/index.ts'
import { isApiError } from '../../machinery/errors.ts'
import type { KubeObject } from '../../machinery/object.ts'
import type { Command, CommandContext } from '../command.ts'
import { CliError, throwCollected } from '../errors.ts'
import { withSource } from '../errors-from-file.ts'
import { type DryRun, readDryRun } from '../parse/dry-run.ts'
import { dryRunFlag, fieldManagerFlag, fileFlags } from '../parse/selection-flags.ts'
import { sortKeys } from '../print/format-json.ts'
import { printFlags } from '../print/printer.ts'
import { createResultPrinter } from '../print/result.ts'
import { type MappedObject, mapObject } from '../resources/file-targets.ts'
import { readObjects } from '../resources/files.ts'
import { withLastApplied } from '../resources/last-applied.ts'
import { fieldValidation, saveConfigFlag, sendRaw, validateFlag } from './create.ts'
import { waitForDeletion } from './delete-wait.ts'
import { groupName } from './get-tables.ts'

/** `replace -f`, as kubectl has it: the objects become what the files say, whole. */
export const replaceCommand: Command = {
  usage: '-f FILENAME',
  long: 'Replace objects by what a file says.\n\nAll of an object is replaced: what the file leaves out is gone. With --force the object is deleted and made anew.',
  examples: `# The streams of a file
$0 replace -f imagestreams.yaml

# Delete a stream and make it anew
$0 replace --force -f imagestream.yaml`,
  flags: [
    ...printFlags,
    ...fileFlags,
    dryRunFlag(),
    fieldManagerFlag('kubectl-replace'),
    saveConfigFlag,
    validateFlag,
    {
      name: 'cascade',
      kind: 'string',
      default: 'background',
      bare: 'background',
      help: 'With --force: what becomes of dependents: background, orphan or foreground.',
    },
    { name: 'force', kind: 'bool', help: 'Delete the objects and make them anew.' },
    {
      name: 'grace-period',
      kind: 'int',
      default: -1,
      help: 'With --force: seconds to end in; negative is the default of the object.',
    },
    { name: 'raw', kind: 'string', help: 'A path of the server to which the file is put as it is.' },
    { name: 'subresource', kind: 'string', help: 'Replace a subresource, such as status.' },
    { name: 'timeout', kind: 'duration', help: 'With --force: how long to wait; 0 is until it is done.' },
    { name: 'wait', kind: 'bool', help: 'With --force: wait until the objects are gone.' },
  ],
  run: runReplace,
}

function checkFlags({ flags }: CommandContext, dryRun: DryRun): void {
  const force = flags.bool('force')
  if (flags.int('grace-period') >= 0 && !force)
    throw new CliError('--grace-period must have --force specified')
  if (flags.duration('timeout') !== 0 && !force) throw new CliError('--timeout must have --force specified')
  if (force && dryRun !== 'none') throw new CliError('--dry-run can not be used when --force is set')
  if (flags.list('filename').length === 0 && flags.string('kustomize') === '')
    throw new CliError('must specify one of -f and -k')
}

async function runReplace(context: CommandContext): Promise<void> {
  const { flags, io, session } = context
  const dryRun = readDryRun(flags, io)
  checkFlags(context, dryRun)
  if (flags.string('raw') !== '') return sendRaw(context, 'PUT')
  const validation = fieldValidation(context)
  const objects = await readObjects(context)
  if (objects.length === 0) throw new CliError('no objects passed to replace')
  const printer = await createResultPrinter(context, { dryRun })
  const errors: unknown[] = []
  const mapped: MappedObject[] = []
  for (const sourced of objects) {
    try {
      mapped.push(await mapObject(session, sourced, context.program))
    } catch (error) {
      errors.push(error)
    }
  }
  const rest = await session.rest()
  if (flags.bool('force')) for (const one of mapped) await remove(context, rest, one)
  for (const one of mapped) {
    try {
      const object = flags.bool('save-config') ? { ...one, object: withLastApplied(one.object) } : one
      const sent = flags.bool('force')
        ? await create(context, rest, object, validation)
        : await put(context, rest, object, dryRun, validation)
      printer.print(sent, 'replaced')
    } catch (error) {
      errors.push(error)
    }
  }
  throwCollected(errors)
}

function queryOf({ flags }: CommandContext, dryRun: DryRun, validation: string): Query {
  return {
    dryRun: dryRun === 'server' ? 'All' : undefined,
    fieldManager: flags.string('field-manager') || undefined,
    fieldValidation: validation,
  }
}

/** Without a version in the file the object that is there now is replaced, whatever it is. */
async function put(
  context: CommandContext,
  rest: Rest,
  { resource, namespace, object, source }: MappedObject,
  dryRun: DryRun,
  validation: string,
): Promise<KubeObject> {
  if (dryRun === 'client') return object
  const { name = '', resourceVersion } = object.metadata
  try {
    const path = resourcePath(resource, namespace, name, context.flags.string('subresource'))
    const version = resourceVersion ? undefined : await currentVersion(rest, path)
    const body = version === undefined ? object : withVersion(object, version)
    const query = queryOf(context, dryRun, validation)
    return await rest.json<KubeObject>({ method: 'PUT', path, query, body: sortKeys(body) })
  } catch (error) {
    throw withSource(error, 'replacing', source)
  }
}

function withVersion(object: KubeObject, resourceVersion: string): KubeObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion } }
}

/** undefined when it can't be read: the write itself says why. */
async function currentVersion(rest: Rest, path: string): Promise<string | undefined> {
  try {
    return (await rest.json<KubeObject>({ method: 'GET', path })).metadata.resourceVersion
  } catch (error) {
    if (isApiError(error)) return undefined
    throw error
  }
}

async function create(
  context: CommandContext,
  rest: Rest,
  { resource, namespace, object, source }: MappedObject,
  validation: string,
): Promise<KubeObject> {
  try {
    return await rest.json<KubeObject>({
      method: 'POST',
      path: resourcePath(resource, namespace),
      query: queryOf(context, 'none', validation),
      body: sortKeys(object),
    })
  } catch (error) {
    throw withSource(error, 'creating', source)
  }
}

const cascades: Record<string, string> = {
  background: 'Background',
  orphan: 'Orphan',
  foreground: 'Foreground',
}

/** What is not there need not be deleted. */
async function remove(
  { flags, io }: CommandContext,
  rest: Rest,
  { resource, namespace, object, source }: MappedObject,
): Promise<void> {
  const { name = '' } = object.metadata
  const seconds = flags.int('grace-period')
  const propagationPolicy = cascades[flags.string('cascade')]
  if (propagationPolicy === undefined) {
    throw new CliError(
      `invalid cascade value (${flags.string('cascade')}). Must be "background", "foreground", or "orphan"`,
    )
  }
  const body = { ...(seconds >= 0 ? { gracePeriodSeconds: seconds } : {}), propagationPolicy }
  const path = resourcePath(resource, namespace, name)
  let uid: string | undefined
  try {
    const answer = await rest.json<{ details?: { uid?: string }; metadata?: { uid?: string } }>({
      method: 'DELETE',
      path,
      body,
    })
    uid = answer.details?.uid ?? answer.metadata?.uid
  } catch (error) {
    if (isApiError(error) && error.code === 404) return
    throw withSource(error, 'deleting', source)
  }
  const where = namespace === '' ? '' : ` from ${namespace} namespace`
  io.stdout.write(`${groupName(resource)} ${JSON.stringify(name)} deleted${where}\n`)
  const timeout = flags.duration('timeout')
  await waitForDeletion(rest, { resource, namespace, name, uid: uid ?? '', timeout, signal: io.signal })
}
