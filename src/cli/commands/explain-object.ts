import { canonicalImageStream, type ImageStream, type TagHold } from '../../api/index.ts'
import { resourcePath } from '../../client/index.ts'
import {
  allSources,
  explainWorkload,
  formatSource,
  podSpecOf,
  podSpecPath,
  type Resolutions,
  resolveTrigger,
  type TriggerResolution,
  type TriggerSource,
} from '../../image/index.ts'
import { isApiError } from '../../machinery/errors.ts'
import type { KubeObject, ListMeta } from '../../machinery/object.ts'
import type { CommandContext } from '../command.ts'
import { explainTag } from '../describe/explain-tag.ts'
import { findEvents } from '../describe/find-events.ts'
import { nextSteps } from '../describe/next-steps.ts'
import { CliError } from '../errors.ts'
import { objectName } from '../print/printer.ts'
import { failedTries } from '../resources/failed-tries.ts'
import { readHolds } from '../resources/history-api.ts'
import { imageStreams, typedAccept } from '../resources/image-api.ts'
import { listPages } from '../resources/list.ts'
import { readObject } from '../resources/probe.ts'
import type { SelectedObject } from '../resources/select-objects.ts'
import { findFollowers, followerLines } from '../resources/tag-followers.ts'
import { readMoves, type TagMoves } from '../resources/tag-moves.ts'

/** The lines of `explain-image` about one object; reads the streams that it follows. */
export async function explainObject(context: CommandContext, selected: SelectedObject): Promise<string> {
  const { resource, object } = selected
  switch (resource.group === imageStreams.group ? resource.kind : '') {
    case 'ImageStream':
      return (await explainStream(context, toStream(object))) + (await explainFollowers(context, selected))
    case 'ImageStreamTag':
    case 'ImageTag':
      return (await explainStreamTag(context, selected)) + (await explainFollowers(context, selected))
    default:
      return explainUser(context, selected)
  }
}

function toStream(object: KubeObject): ImageStream {
  return canonicalImageStream(object as ImageStream)
}

function block(head: string, lines: readonly string[]): string {
  return `${head}\n${lines.map((line) => `  ${line}\n`).join('')}`
}

function tagBlock(
  { io }: CommandContext,
  stream: ImageStream,
  tag: string,
  holds: readonly TagHold[],
  moves: TagMoves,
): string {
  const hold = holds.find((each) => each.tag === tag)
  const move = moves.newest.get(tag)
  const build = moves.builds.get(move?.after?.image ?? '')
  const { image, reasons } = explainTag(stream, tag, io.now(), { hold, move, build })
  return block(`${stream.metadata.name}:${tag}${image === '' ? '' : ` is ${image}`}`, reasons)
}

async function explainStream(context: CommandContext, stream: ImageStream): Promise<string> {
  const { spec, status } = stream
  const tags = new Set([
    ...(spec.tags ?? []).map(({ name }) => name ?? ''),
    ...(status.tags ?? []).map(({ tag }) => tag),
  ])
  if (tags.size === 0)
    return `${stream.metadata.name} has no tags: a push, an import or a tag command makes the first\n`
  const lookup = spec.lookupPolicy.local
    ? [`\nimage names in workloads of the namespace may mean this stream (lookup is on)\n`]
    : []
  const holds = await holdsOf(context, stream)
  const moves = await movesOf(context, stream, undefined)
  return [[...tags].map((tag) => tagBlock(context, stream, tag, holds, moves)).join('\n'), ...lookup].join('')
}

async function explainStreamTag(
  context: CommandContext,
  { object, namespace }: SelectedObject,
): Promise<string> {
  const name = object.metadata.name ?? ''
  const colon = name.lastIndexOf(':')
  const rest = await context.session.rest()
  const stream = await readObject<KubeObject>(rest, imageStreams, namespace, name.slice(0, colon), {
    accept: typedAccept,
  })
  const found = toStream(stream)
  const tag = name.slice(colon + 1)
  const holds = await holdsOf(context, found)
  return tagBlock(context, found, tag, holds, await movesOf(context, found, tag))
}

function movesOf(
  { session }: CommandContext,
  { metadata }: ImageStream,
  tag: string | undefined,
): Promise<TagMoves> {
  return readMoves(session, metadata.namespace ?? '', { stream: metadata.name ?? '', tag })
}

function holdsOf({ session }: CommandContext, { metadata }: ImageStream): Promise<TagHold[]> {
  return readHolds(session, metadata.namespace ?? '', metadata.name ?? '')
}

/** Whom the next move of the tag, or of any tag of the stream, concerns. */
async function explainFollowers(
  context: CommandContext,
  { object, namespace }: SelectedObject,
): Promise<string> {
  const followers = await findFollowers(context, namespace)
  const [stream = '', only] = (object.metadata.name ?? '').split(':')
  const followed = [...followers.names.keys()]
  const own = followed.filter((source) => source.startsWith(`${namespace}/${stream}:`))
  const tags = only === undefined ? own.map((source) => source.slice(source.indexOf(':') + 1)) : [only]
  const lines = tags.flatMap((tag) =>
    followerLines({ namespace, stream, tag }, { ...followers, unseen: [] }).map((line) =>
      only === undefined ? `${stream}:${tag} ${line}` : line,
    ),
  )
  const unseen = followerLines({ namespace, stream, tag: '' }, { ...followers, names: new Map() })
  return [...lines, ...unseen].map((line) => `  ${line}\n`).join('')
}

/** A workload, or whatever else follows tags. */
async function explainUser(context: CommandContext, selected: SelectedObject): Promise<string> {
  const { resource, object, namespace } = selected
  const path = podSpecPath(resource)
  if (path === undefined && resource.kind !== 'BuildConfig')
    throw new CliError(
      `${objectName(object)} uses no images: name a workload, a build config, an image stream or one of its tags`,
    )
  const resolve = await readResolutions(context, selected)
  const { containers, notes, isDue } = explainWorkload(resource, object, resolve)
  const streams = await listStreams(context, namespace)
  const blocks = containers.map(({ container, image, reasons }) =>
    block(`  ${container}: ${image.trim() === '' ? 'no image yet' : image}`, [
      ...reasons.map((line) => `  ${line}`),
      ...originLines(streams, image, reasons).map((line) => `  ${line}`),
    ]),
  )
  const hasTemplate = path !== undefined && podSpecOf(object, path) !== undefined
  const tries = isDue ? await failedTries(context, selected) : []
  const further = [
    ...notes,
    ...tries,
    ...nextSteps(resource, object, allSources(resource, object), hasTemplate),
  ]
  return `${objectName(object)}\n${blocks.join('')}${further.map((note) => `  ${note}\n`).join('')}`
}

/** Where in the streams of its own namespace an image comes from, whether or not a trigger put it in. */
function originLines(
  streams: readonly ImageStream[] | undefined,
  image: string,
  reasons: readonly string[],
): string[] {
  if (streams === undefined) return ['which tags give it is unknown: you may not list the image streams']
  const said = (tag: string) => reasons.some((reason) => reason.includes(`/${tag} (this image since`))
  const found = findEvents(streams, image).filter(({ tag }) => !said(tag))
  return found.map(({ tag, since, isCurrent }) =>
    isCurrent
      ? `it is what ${tag} stands for${since === '' ? '' : ` since ${since}`}`
      : `${tag} stood for it${since === '' ? '' : ` from ${since}`}, and has moved on`,
  )
}

/** undefined where they may not be listed. */
async function listStreams(
  { session }: CommandContext,
  namespace: string,
): Promise<ImageStream[] | undefined> {
  const streams: ImageStream[] = []
  try {
    const pages = listPages<{ metadata?: ListMeta; items?: KubeObject[] }>(
      await session.rest(),
      imageStreams,
      namespace,
      {
        limit: 500,
      },
    )
    for await (const { items } of pages) streams.push(...(items ?? []).map(toStream))
  } catch (error) {
    if (isApiError(error) && error.code === 403) return undefined
    throw error
  }
  return streams
}

/** What the followed tags give, as far as the caller may see. */
async function readResolutions(
  { session }: CommandContext,
  { resource, object }: SelectedObject,
): Promise<Resolutions> {
  const rest = await session.rest()
  async function read({ namespace, stream, tag }: TriggerSource): Promise<TriggerResolution> {
    try {
      const path = resourcePath(imageStreams, namespace, stream)
      const found = await rest.json<KubeObject>({ method: 'GET', path, accept: typedAccept })
      return resolveTrigger(toStream(found), tag)
    } catch (error) {
      if (!isApiError(error)) throw error
      if (error.code === 404) return { kind: 'unresolved', why: 'no-stream' }
      if (error.code === 403) return { kind: 'forbidden', why: 'you may not read that image stream' }
      throw error
    }
  }
  const answers = new Map<string, TriggerResolution>()
  for (const source of allSources(resource, object)) {
    const name = formatSource(source)
    if (!answers.has(name)) answers.set(name, await read(source))
  }
  return (source) => answers.get(formatSource(source)) ?? { kind: 'unresolved', why: 'no-stream' }
}
