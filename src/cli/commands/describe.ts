import type { ApiResource, Rest } from '../../client/index.ts'
import { isApiError } from '../../machinery/errors.ts'
import type { KubeObject } from '../../machinery/object.ts'
import type { Command, CommandContext } from '../command.ts'
import { describeObject } from '../describe/describers.ts'
import { CliError, throwCollected } from '../errors.ts'
import { allNamespacesFlag, chunkFlag, fileFlags, selectorFlag } from '../parse/selection-flags.ts'
import { nothingGiven, selectArguments, type Wanted } from '../resources/arguments.ts'
import { type ListPage, listPages } from '../resources/list.ts'
import { readObject } from '../resources/probe.ts'

/** cli.md §5. */

export const describeCommand: Command = {
  usage: '(-f FILENAME | TYPE [NAME_PREFIX | -l label] | TYPE/NAME)',
  long: 'Describe objects for people to read.\n\nA name that no object has is taken as the beginning of names.',
  examples: `# An image stream with its tags and their history
$0 describe is ruby

# The image that a tag shows now
$0 describe istag ruby:2.0`,
  flags: [
    ...fileFlags,
    selectorFlag,
    allNamespacesFlag,
    chunkFlag,
    { name: 'show-events', kind: 'bool', default: true, help: 'Show events about the objects.' },
  ],
  run: runDescribe,
}

interface Found {
  resource: ApiResource
  object: KubeObject
}

async function runDescribe(context: CommandContext): Promise<void> {
  const { io, flags, args, session } = context
  const rest = await session.rest()
  const namespace = flags.bool('all-namespaces') ? '' : await session.namespace()
  const wanted = await select(context)
  const errors: unknown[] = []
  const found: Found[] = []
  for (const one of wanted) {
    try {
      found.push(...(await readWanted(context, rest, namespace, one)))
    } catch (error) {
      const isPrefix = args.length === 2 && isApiError(error) && error.code === 404 && one.name !== undefined
      if (isPrefix) return describeByPrefix(context, rest, namespace, one, error)
      errors.push(error)
    }
  }
  let written = 0
  for (const { resource, object } of found) {
    try {
      const text = await describeObject({
        session,
        rest,
        resource,
        object,
        now: io.now(),
        showEvents: flags.bool('show-events'),
      })
      io.stdout.write(written === 0 ? text : `\n\n${text}`)
      written++
    } catch (error) {
      errors.push(error)
    }
  }
  if (found.length === 0 && errors.length === 0) io.stderr.write(noneFound(context, wanted, namespace))
  throwCollected(errors)
}

function noneFound({ flags }: CommandContext, wanted: readonly Wanted[], namespace: string): string {
  const clusterWide = flags.bool('all-namespaces') || wanted.some(({ resource }) => !resource.namespaced)
  return clusterWide ? 'No resources found\n' : `No resources found in ${namespace} namespace.\n`
}

async function select(context: CommandContext): Promise<Wanted[]> {
  const { flags, args, session, program } = context
  if (flags.list('filename').length > 0) {
    const { readObjects } = await import('../resources/files.ts')
    const { targetsOf } = await import('../resources/file-targets.ts')
    return targetsOf(session, await readObjects(context), program)
  }
  if (args.length === 0)
    throw new CliError(
      `You must specify the type of resource to describe. Use "${program} api-resources" for a complete list of supported resources.`,
    )
  if (args[0] === '') throw nothingGiven()
  return (await selectArguments(session, args, program)).wanted
}

async function readWanted(
  { flags }: CommandContext,
  rest: Rest,
  namespace: string,
  wanted: Wanted,
): Promise<Found[]> {
  const { resource, name } = wanted
  if (name !== undefined)
    return [{ resource, object: await readObject<KubeObject>(rest, resource, namespace, name) }]
  return listAll(rest, resource, namespace, flags.string('selector'), flags.int('chunk-size'))
}

async function listAll(
  rest: Rest,
  resource: ApiResource,
  namespace: string,
  labelSelector: string,
  limit: number,
): Promise<Found[]> {
  const found: Found[] = []
  const pages = listPages<ListPage & { apiVersion?: string; items?: KubeObject[] }>(
    rest,
    resource,
    namespace,
    { labelSelector, limit },
  )
  for await (const page of pages) {
    const apiVersion = page.apiVersion ?? ''
    for (const object of page.items ?? [])
      found.push({ resource, object: { apiVersion, kind: resource.kind, ...object } })
  }
  return found
}

/** `describe TYPE BEGINNING`: each block is followed by an empty line. */
async function describeByPrefix(
  context: CommandContext,
  rest: Rest,
  namespace: string,
  wanted: Wanted,
  original: unknown,
): Promise<void> {
  const { io, flags } = context
  const all = await listAll(
    rest,
    wanted.resource,
    namespace,
    flags.string('selector'),
    flags.int('chunk-size'),
  ).catch((error: unknown) => {
    throw isApiError(error) ? original : error
  })
  const found = all.filter(({ object }) => object.metadata.name?.startsWith(wanted.name as string))
  if (found.length === 0) throw original
  for (const { resource, object } of found) {
    const text = await describeObject({
      session: context.session,
      rest,
      resource,
      object,
      now: io.now(),
      showEvents: flags.bool('show-events'),
    })
    io.stdout.write(`${text}\n`)
  }
}
