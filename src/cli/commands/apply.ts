import { patchContentTypes, type Query, type Rest, resourcePath } from '../../client/index.ts'
import { isApiError } from '../../machinery/errors.ts'
import type { KubeObject } from '../../machinery/object.ts'
import type { Command, CommandContext } from '../command.ts'
import { CliError, throwCollected, UsageError } from '../errors.ts'
import { withSource } from '../errors-from-file.ts'
import { type DryRun, readDryRun } from '../parse/dry-run.ts'
import { dryRunFlag, fileFlags, selectorFlag } from '../parse/selection-flags.ts'
import { sortKeys } from '../print/format-json.ts'
import { printFlags } from '../print/printer.ts'
import { createResultPrinter } from '../print/result.ts'
import { type MappedObject, mapObject } from '../resources/file-targets.ts'
import { readObjects } from '../resources/files.ts'
import { lastAppliedAnnotation, withLastApplied } from '../resources/last-applied.ts'
import { planPatch } from '../resources/three-way.ts'
import { checkPrune, pruneApplied, pruneFlags } from './apply-prune.ts'
import { fieldValidation, validateFlag } from './create.ts'

/** cli.md §7.5. */
export const applyCommand: Command = {
  usage: '(-f FILENAME)',
  long: 'Create objects, or change those that exist, so that they are as a file says.',
  examples: `# Bring the streams of a file up to date
$0 apply -f imagestreams.yaml

# And let go what the folder no longer holds
$0 apply -f streams/ --prune -l app=ruby --prune-allowlist=image.openshift.io/v1/ImageStream`,
  flags: [
    ...printFlags,
    ...fileFlags,
    selectorFlag,
    dryRunFlag(),
    validateFlag,
    {
      name: 'field-manager',
      kind: 'string',
      default: 'kubectl-client-side-apply',
      help: 'Name of the owner of the fields that are set.',
    },
    { name: 'force-conflicts', kind: 'bool', help: 'With --server-side: take over fields of other owners.' },
    {
      name: 'overwrite',
      kind: 'bool',
      default: true,
      help: 'Let the file win where someone else changed a field.',
    },
    { name: 'server-side', kind: 'bool', help: 'Let the server merge.' },
    ...pruneFlags,
  ],
  run: runApply,
}

interface Applied {
  object: KubeObject
  operation: string
}

async function runApply(context: CommandContext): Promise<void> {
  const { flags, args, io, session, program } = context
  if (args.length > 0) throw new UsageError(`Unexpected args: [${args.join(' ')}]`)
  if (flags.bool('force-conflicts') && !flags.bool('server-side'))
    throw new CliError('--force-conflicts only works with --server-side')
  if (flags.list('filename').length === 0 && flags.string('kustomize') === '')
    throw new CliError('must specify one of -f and -k')
  checkPrune(context)
  const dryRun = readDryRun(flags, io)
  const objects = await readObjects(context)
  if (objects.length === 0) throw new CliError('no objects passed to apply')
  const printer = await createResultPrinter(context, { dryRun })
  const errors: unknown[] = []
  const all: MappedObject[] = []
  for (const sourced of objects) {
    try {
      const mapped = await mapObject(session, sourced, program)
      all.push(mapped)
      const rest = await session.rest()
      const applied = flags.bool('server-side')
        ? await applyOnServer(context, rest, mapped, dryRun)
        : await applyHere(context, rest, mapped, dryRun)
      printer.print(applied.object, applied.operation)
    } catch (error) {
      errors.push(error)
    }
  }
  throwCollected(errors)
  // Nothing goes unless all was applied: what failed may be what is missing.
  if (flags.bool('prune')) await pruneApplied(context, all, dryRun, printer.print)
}

export async function applyOnServer(
  { flags }: CommandContext,
  rest: Rest,
  mapped: MappedObject,
  dryRun: DryRun,
): Promise<Applied> {
  if (dryRun === 'client')
    throw new CliError(
      "--dry-run=client doesn't work with --server-side (did you mean --dry-run=server instead?)",
    )
  const query: Query = {
    dryRun: dryRun === 'server' ? 'All' : undefined,
    fieldManager: flags.changed('field-manager') ? flags.string('field-manager') : 'kubectl',
    force: flags.bool('force-conflicts'),
  }
  const object = await rest.json<KubeObject>({
    method: 'PATCH',
    path: resourcePath(mapped.resource, mapped.namespace, mapped.object.metadata.name),
    query,
    body: mapped.object,
    contentType: patchContentTypes.apply,
  })
  return { object, operation: 'serverside-applied' }
}

/** An object as the messages of apply name it. */
function told({ resource, namespace, object }: MappedObject): string {
  const version = resource.group === '' ? resource.version : `${resource.group}/${resource.version}`
  return `Resource: "${version}, Resource=${resource.plural}", GroupVersionKind: "${version}, Kind=${resource.kind}"
Name: ${JSON.stringify(object.metadata.name ?? '')}, Namespace: ${JSON.stringify(namespace)}`
}

export async function readCurrent(rest: Rest, mapped: MappedObject): Promise<KubeObject | undefined> {
  try {
    const path = resourcePath(mapped.resource, mapped.namespace, mapped.object.metadata.name)
    return await rest.json<KubeObject>({ method: 'GET', path })
  } catch (error) {
    if (isApiError(error) && error.code === 404) return undefined
    throw withSource(
      error,
      `retrieving current configuration of:\n${told(mapped)}\nfrom server for:`,
      mapped.source,
    )
  }
}

export async function applyHere(
  context: CommandContext,
  rest: Rest,
  mapped: MappedObject,
  dryRun: DryRun,
): Promise<Applied> {
  const { flags, io, program } = context
  const modified = withLastApplied(mapped.object)
  const current = await readCurrent(rest, mapped)
  const query: Query = {
    dryRun: dryRun === 'server' ? 'All' : undefined,
    fieldManager: flags.string('field-manager') || undefined,
    fieldValidation: fieldValidation(context),
  }
  if (current === undefined) {
    if (dryRun === 'client') return { object: modified, operation: 'created' }
    return { object: await create(rest, mapped, modified, query), operation: 'created' }
  }
  const text = current.metadata.annotations?.[lastAppliedAnnotation]
  if (text === undefined && dryRun !== 'client') {
    io.stderr.write(
      `Warning: resource ${mapped.resource.plural}/${mapped.object.metadata.name} is missing the ${lastAppliedAnnotation} annotation which is required by ${program} apply. ${program} apply should only be used on resources created declaratively by either ${program} create --save-config or ${program} apply. The missing annotation will be patched automatically.\n`,
    )
  }
  const strategic = isKnownGroup(mapped.resource.group)
  const patch = planPatch(parseApplied(text), modified as never, current as never, { strategic })
  if (Object.keys(patch).length === 0) return { object: current, operation: 'unchanged' }
  if (dryRun === 'client') return { object: modified, operation: 'configured' }
  const contentType = strategic ? patchContentTypes.strategic : patchContentTypes.merge
  try {
    const path = resourcePath(mapped.resource, mapped.namespace, mapped.object.metadata.name)
    return {
      object: await rest.json<KubeObject>({ method: 'PATCH', path, query, body: patch, contentType }),
      operation: 'configured',
    }
  } catch (error) {
    const doing = `applying patch:\n${JSON.stringify(patch)}\nto:\n${told(mapped)}\nfor:`
    throw withSource(withSource(error, 'patching', mapped.source), doing, mapped.source)
  }
}

async function create(
  rest: Rest,
  mapped: MappedObject,
  object: KubeObject,
  query: Query,
): Promise<KubeObject> {
  try {
    const path = resourcePath(mapped.resource, mapped.namespace)
    return await rest.json<KubeObject>({ method: 'POST', path, query, body: sortKeys(object) })
  } catch (error) {
    throw withSource(error, 'creating', mapped.source)
  }
}

function parseApplied(text: string | undefined): Record<string, unknown> {
  try {
    return text === undefined ? {} : (JSON.parse(text) as Record<string, unknown>)
  } catch {
    return {}
  }
}

/** Groups whose lists have merge keys that a server knows too. */
export function isKnownGroup(group: string): boolean {
  return group === '' || !group.includes('.') || group.endsWith('.k8s.io') || group.endsWith('.openshift.io')
}
