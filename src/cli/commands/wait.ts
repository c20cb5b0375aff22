import { setTimeout as sleep } from 'node:timers/promises'
import { type ApiResource, type Rest, resourcePath, watchEvents } from '../../client/index.ts'
import { isApiError } from '../../machinery/errors.ts'
import type { KubeObject } from '../../machinery/object.ts'
import type { Command, CommandContext } from '../command.ts'
import { CliError, throwCollected } from '../errors.ts'
import {
  allFlag,
  allNamespacesFlag,
  fieldSelectorFlag,
  fileFlags,
  selectorFlag,
} from '../parse/selection-flags.ts'
import { printFlags } from '../print/printer.ts'
import { createResultPrinter } from '../print/result.ts'
import { nothingGiven, selectArguments } from '../resources/arguments.ts'
import { type ListPage, listPages } from '../resources/list.ts'
import { parseWaitFor, type WaitCondition } from './wait-condition.ts'

export const waitCommand: Command = {
  usage: '([-f FILENAME] | TYPE NAME | TYPE/NAME | TYPE [--all | -l SELECTOR]) --for=CONDITION',
  long: 'Wait until objects are as they should be: a condition is met, a field has a value, they are there, or they are gone.',
  examples: `# Until a tag has been imported
$0 wait is/ruby --for=jsonpath='{.status.tags[?(@.tag=="2.0")].items[0].image}'

# Until a deployment is available
$0 wait deploy/web --for=condition=Available --timeout=60s

# Until a stream is gone
$0 wait is/ruby --for=delete`,
  flags: [
    ...printFlags,
    ...fileFlags,
    selectorFlag,
    fieldSelectorFlag,
    allFlag,
    allNamespacesFlag,
    {
      name: 'for',
      kind: 'string',
      help: 'What to wait for: create, delete, condition=NAME[=STATUS] or jsonpath={.path}[=VALUE].',
    },
    {
      name: 'timeout',
      kind: 'duration',
      default: '30s',
      help: 'How long to wait; 0 looks once, below 0 is a week.',
    },
  ],
  run: runWait,
}

interface Target {
  resource: ApiResource
  namespace: string
  name: string
}

const week = 7 * 24 * 3600 * 1000
/** Milliseconds of one watch; then the object is read again, for a watch may not tell all. */
const watchFor = 5000

async function runWait(context: CommandContext): Promise<void> {
  const { flags, session } = context
  const text = flags.string('for')
  if (text === '') throw new CliError('unrecognized condition: ""')
  const condition = parseWaitFor(text)
  const timeout = flags.duration('timeout')
  const end = Date.now() + (timeout < 0 ? week : timeout)
  const targets = await findTargets(context)
  if (targets.length === 0) throw new CliError('no matching resources found')
  const rest = await session.rest()
  const printer = await createResultPrinter(context)
  const errors: unknown[] = []
  for (const target of targets) {
    try {
      const object = await waitFor(context, rest, target, condition, end)
      printer.print(object ?? named(target), 'condition met')
    } catch (error) {
      errors.push(error)
    }
  }
  throwCollected(errors)
}

/** Names are taken as they are: what is waited for need not be there yet. */
async function findTargets(context: CommandContext): Promise<Target[]> {
  const { flags, args, session, program } = context
  if (flags.list('filename').length > 0 || flags.string('kustomize') !== '') {
    const { readObjects } = await import('../resources/files.ts')
    const { mapObject } = await import('../resources/file-targets.ts')
    const targets: Target[] = []
    for (const sourced of await readObjects(context)) {
      const { resource, namespace, object } = await mapObject(session, sourced, program)
      targets.push({ resource, namespace, name: object.metadata.name ?? '' })
    }
    return targets
  }
  if (args.length === 0) throw nothingGiven()
  const { wanted } = await selectArguments(session, args, program)
  const namespace = flags.bool('all-namespaces') ? '' : await session.namespace()
  const targets: Target[] = []
  for (const { resource, name } of wanted) {
    if (name !== undefined) targets.push({ resource, namespace: await session.namespace(), name })
    else targets.push(...(await listTargets(context, resource, namespace)))
  }
  return targets
}

async function listTargets(
  { flags, session }: CommandContext,
  resource: ApiResource,
  namespace: string,
): Promise<Target[]> {
  const [labelSelector, fieldSelector] = [flags.string('selector'), flags.string('field-selector')]
  if (!flags.bool('all') && labelSelector === '' && fieldSelector === '')
    throw new CliError('resource(s) were provided, but no name was specified')
  const targets: Target[] = []
  const request = { limit: 500, labelSelector, fieldSelector }
  for await (const page of listPages<ListPage & { items?: KubeObject[] }>(
    await session.rest(),
    resource,
    namespace,
    request,
  ))
    for (const { metadata } of page.items ?? [])
      targets.push({ resource, namespace: metadata.namespace ?? namespace, name: metadata.name ?? '' })
  return targets
}

const named = ({ resource, namespace, name }: Target): KubeObject => ({
  apiVersion: resource.group === '' ? resource.version : `${resource.group}/${resource.version}`,
  kind: resource.kind,
  metadata: { name, ...(resource.namespaced ? { namespace } : {}) },
})

async function readNow(rest: Rest, { resource, namespace, name }: Target): Promise<KubeObject | undefined> {
  try {
    return await rest.json<KubeObject>({ method: 'GET', path: resourcePath(resource, namespace, name) })
  } catch (error) {
    if (isApiError(error) && error.code === 404) return undefined
    throw error
  }
}

/** The object as it met the condition, undefined when that was to be gone. */
async function waitFor(
  { io }: CommandContext,
  rest: Rest,
  target: Target,
  condition: WaitCondition,
  end: number,
): Promise<KubeObject | undefined> {
  let last: KubeObject | undefined
  for (;;) {
    const object = await readNow(rest, target)
    if (condition(object)) return object ?? last
    last = object ?? last
    const left = end - Date.now()
    if (left <= 0)
      throw new CliError(`timed out waiting for the condition on ${target.resource.plural}/${target.name}`)
    const signal = AbortSignal.any([io.signal, AbortSignal.timeout(Math.min(left, watchFor))])
    await nextChange(rest, target, object, signal)
    if (io.signal.aborted) throw new CliError('interrupted')
  }
}

/** Resolves with the next event of the object, or when the time is up. */
async function nextChange(
  rest: Rest,
  { resource, namespace, name }: Target,
  object: KubeObject | undefined,
  signal: AbortSignal,
) {
  const query = {
    fieldSelector: `metadata.name=${name}`,
    resourceVersion: object?.metadata.resourceVersion,
  }
  try {
    for await (const _ of watchEvents(rest, resourcePath(resource, namespace), query, { signal })) return
  } catch (error) {
    if (!isApiError(error)) throw error
  }
  // A type without watches, or one that ends at once, is asked twice a second.
  await sleep(500, undefined, { signal }).catch(() => undefined)
}
