import { type ApiResource, type Rest, resourcePath } from '../../client/index.ts'
import { isApiError } from '../../machinery/errors.ts'
import type { KubeObject, ListMeta } from '../../machinery/object.ts'
import type { Command, CommandContext } from '../command.ts'
import { CliError, throwCollected } from '../errors.ts'
import { withSource } from '../errors-from-file.ts'
import { type DryRun, dryRunSuffix, readDryRun } from '../parse/dry-run.ts'
import {
  allFlag,
  allNamespacesFlag,
  dryRunFlag,
  fieldSelectorFlag,
  fileFlags,
  selectorFlag,
} from '../parse/selection-flags.ts'
import { nothingGiven, selectArguments, type Wanted } from '../resources/arguments.ts'
import { listPages } from '../resources/list.ts'
import { waitForDeletion } from './delete-wait.ts'
import { groupName } from './get-tables.ts'

/** cli.md §3. */

export const deleteCommand: Command = {
  usage: '([-f FILENAME] | TYPE [(NAME | -l label | --all)])',
  long: 'Delete objects.\n\nDeleting an image stream removes its tags, never the images themselves.',
  examples: `# One tag
$0 delete istag/ruby:2.0

# What a file describes
$0 delete -f imagestreams.yaml`,
  flags: [
    ...fileFlags,
    selectorFlag,
    fieldSelectorFlag,
    allFlag,
    allNamespacesFlag,
    dryRunFlag(),
    {
      name: 'cascade',
      kind: 'string',
      default: 'background',
      bare: 'background',
      help: 'What becomes of dependents: background, orphan or foreground.',
    },
    { name: 'force', kind: 'bool', help: 'Remove at once, without a grace period.' },
    {
      name: 'grace-period',
      kind: 'int',
      default: -1,
      help: 'Seconds to end in; negative is the default of the object.',
    },
    { name: 'ignore-not-found', kind: 'bool', help: 'A missing object is no error.' },
    { name: 'interactive', short: 'i', kind: 'bool', help: 'Ask before deleting.' },
    { name: 'now', kind: 'bool', help: 'The same as --grace-period=1.' },
    { name: 'output', short: 'o', kind: 'string', help: 'name prints only types and names.' },
    { name: 'raw', kind: 'string', help: 'A path of the server to delete.' },
    { name: 'timeout', kind: 'duration', help: 'How long to wait; 0 is until it is done.' },
    { name: 'wait', kind: 'bool', default: true, help: 'Wait until the objects are gone.' },
  ],
  run: runDelete,
}

interface Target {
  resource: ApiResource
  namespace: string
  name: string
  /** The file it came from. */
  source?: string
}

interface Options {
  dryRun: DryRun
  body: Record<string, unknown>
  ignoreMissing: boolean
}

const cascades: Record<string, string> = {
  background: 'Background',
  orphan: 'Orphan',
  foreground: 'Foreground',
  true: 'Background',
  false: 'Orphan',
}

function readBody({ flags, io }: CommandContext): Record<string, unknown> {
  const cascade = cascades[flags.string('cascade')]
  if (cascade === undefined) {
    throw new CliError(
      `invalid cascade value (${flags.string('cascade')}). Must be "background", "foreground", or "orphan"`,
    )
  }
  if (['true', 'false'].includes(flags.string('cascade')))
    io.stderr.write(
      `warning: --cascade=${flags.string('cascade')} is deprecated (boolean value) and can be replaced with --cascade=${cascade.toLowerCase()}.\n`,
    )
  let seconds = flags.int('grace-period')
  if (flags.bool('now')) {
    if (seconds !== -1) throw new CliError('--now and --grace-period cannot be specified together')
    seconds = 1
  }
  if (flags.bool('force') && seconds > 0)
    throw new CliError('--force and --grace-period greater than 0 cannot be specified together')
  if (seconds === 0 && !flags.bool('force')) seconds = 1
  if (flags.bool('force') && seconds < 0) seconds = 0
  return { ...(seconds >= 0 ? { gracePeriodSeconds: seconds } : {}), propagationPolicy: cascade }
}

async function runDelete(context: CommandContext): Promise<void> {
  const { flags, io, session } = context
  const output = flags.string('output')
  if (flags.string('raw') !== '') return deleteRaw(context)
  if (output !== '' && output !== 'name') {
    throw new CliError(`unexpected -o output mode: ${output}. We only support '-o name'`)
  }
  const options: Options = {
    dryRun: readDryRun(flags, io),
    body: readBody(context),
    ignoreMissing: flags.bool('ignore-not-found') || flags.bool('all') || flags.string('selector') !== '',
  }
  if (flags.bool('force') && flags.int('grace-period') <= 0) {
    io.stderr.write(
      'Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.\n',
    )
  }
  const rest = await session.rest()
  const targets = await findTargets(context, rest)
  await warnAboutScope(context, targets)
  if (flags.bool('interactive') && !(await confirm(context, targets))) return
  const errors: unknown[] = []
  const deleted: { target: Target; uid: string }[] = []
  for (const target of targets) {
    try {
      const uid = await deleteOne(context, rest, target, options)
      if (uid !== undefined) deleted.push({ target, uid })
    } catch (error) {
      errors.push(error)
    }
  }
  if (targets.length === 0) io.stdout.write('No resources found\n')
  if (flags.bool('wait') && options.dryRun === 'none') {
    for (const { target, uid } of deleted) {
      await waitForDeletion(rest, {
        ...target,
        uid,
        timeout: flags.duration('timeout'),
        signal: io.signal,
      }).catch((e: unknown) => errors.push(e))
    }
  }
  throwCollected(errors)
}

async function findTargets(context: CommandContext, rest: Rest): Promise<Target[]> {
  const { flags, args, session, program } = context
  const everywhere = flags.bool('all-namespaces')
  const namespace = everywhere ? '' : await session.namespace()
  if (flags.list('filename').length > 0 || flags.string('kustomize') !== '') {
    const { readObjects } = await import('../resources/files.ts')
    const { mapObject } = await import('../resources/file-targets.ts')
    const targets: Target[] = []
    for (const sourced of await readObjects(context)) {
      const mapped = await mapObject(session, sourced, program)
      targets.push({
        resource: mapped.resource,
        namespace: mapped.namespace,
        name: mapped.object.metadata.name ?? '',
        source: mapped.source,
      })
    }
    return targets
  }
  if (args.length === 0) throw nothingGiven()
  const { wanted } = await selectArguments(session, args, program)
  checkNames(context, wanted)
  const targets: Target[] = []
  for (const { resource, name } of wanted) {
    if (name !== undefined) targets.push({ resource, namespace: resource.namespaced ? namespace : '', name })
    else targets.push(...(await listTargets(context, rest, resource, namespace)))
  }
  return targets
}

function checkNames({ flags }: CommandContext, wanted: readonly Wanted[]): void {
  const chosen = flags.bool('all') || flags.string('selector') !== '' || flags.string('field-selector') !== ''
  const named = wanted.some(({ name }) => name !== undefined)
  if (flags.bool('all') && (flags.string('selector') !== '' || flags.string('field-selector') !== ''))
    throw new CliError("setting 'all' parameter but found a non empty selector. ")
  if (named && chosen) throw new CliError('name cannot be provided when a selector is specified')
  if (named && flags.bool('all-namespaces'))
    throw new CliError('a resource cannot be retrieved by name across all namespaces')
  if (!named && !chosen) throw new CliError('resource(s) were provided, but no name was specified')
}

async function listTargets(
  { flags }: CommandContext,
  rest: Rest,
  resource: ApiResource,
  namespace: string,
): Promise<Target[]> {
  const targets: Target[] = []
  const request = {
    labelSelector: flags.string('selector'),
    fieldSelector: flags.string('field-selector'),
    limit: 500,
  }
  for await (const page of listPages<{ metadata?: ListMeta; items?: KubeObject[] }>(
    rest,
    resource,
    namespace,
    request,
  )) {
    for (const { metadata } of page.items ?? []) {
      targets.push({
        resource,
        namespace: resource.namespaced ? (metadata.namespace ?? namespace) : '',
        name: metadata.name ?? '',
      })
    }
  }
  return targets
}

async function warnAboutScope(
  { session, io, flags }: CommandContext,
  targets: readonly Target[],
): Promise<void> {
  const scoped = (await session.target()).namespaceGiven || flags.bool('all-namespaces')
  if (scoped && targets.some(({ resource }) => !resource.namespaced)) {
    io.stderr.write('Warning: deleting cluster-scoped resources, not scoped to the provided namespace\n')
  }
}

async function confirm({ io }: CommandContext, targets: readonly Target[]): Promise<boolean> {
  io.stdout.write(`You are about to delete the following ${targets.length} resource(s):\n`)
  for (const { resource, name } of targets) io.stdout.write(`${groupName(resource)}/${name}\n`)
  io.stdout.write('Do you want to continue? (y/n): ')
  const { readLine } = await import('../prompt.ts')
  const answer = await readLine(io)
  if (/^y(es)?$/i.test(answer.trim())) return true
  io.stdout.write('deletion is cancelled\n')
  return false
}

/** The uid to wait for, '' when unknown; undefined when there was nothing. */
async function deleteOne(
  context: CommandContext,
  rest: Rest,
  target: Target,
  options: Options,
): Promise<string | undefined> {
  const { io, flags } = context
  const { resource, namespace, name } = target
  let uid = ''
  if (options.dryRun !== 'client') {
    try {
      const body = options.dryRun === 'server' ? { ...options.body, dryRun: ['All'] } : options.body
      const answer = await rest.json<{
        kind?: string
        details?: { uid?: string }
        metadata?: { uid?: string }
      }>({
        method: 'DELETE',
        path: resourcePath(resource, namespace, name),
        body,
      })
      uid = (answer.kind === 'Status' ? answer.details?.uid : answer.metadata?.uid) ?? ''
    } catch (error) {
      if (options.ignoreMissing && isApiError(error) && error.code === 404) return undefined
      throw target.source === undefined ? error : withSource(error, 'deleting', target.source)
    }
  }
  const type = groupName(resource)
  if (flags.string('output') === 'name') io.stdout.write(`${type}/${name}\n`)
  else {
    const what = flags.bool('force') ? 'force deleted' : 'deleted'
    const where = namespace === '' ? '' : ` from ${namespace} namespace`
    io.stdout.write(`${type} ${JSON.stringify(name)} ${what}${where}${dryRunSuffix(options.dryRun)}\n`)
  }
  return uid
}

async function deleteRaw({ flags, args, session, io }: CommandContext): Promise<void> {
  if (args.length > 0) throw new CliError('arguments may not be passed when --raw is specified')
  const rest = await session.rest()
  const response = await rest.request({
    method: 'DELETE',
    path: flags.string('raw'),
    accept: 'application/json, */*',
  })
  io.stdout.write(response.text)
}
