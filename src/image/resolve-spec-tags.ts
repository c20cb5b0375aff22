import type { ImageStream, TagEvent, TagReference } from '../api/image/index.ts'
import { type FieldError, formatTime, quote } from '../machinery/index.ts'
import { formatExact, parseReference } from '../oci/index.ts'
import { changedTags } from './generations.ts'
import { addTagEvent, withLatestGeneration } from './history.ts'
import { findImageEvent } from './resolve-image-id.ts'
import { latestEvent } from './stream-tags.ts'
import { parseTagSource, sourceForm, type TagSource } from './tag-source.ts'

export interface StreamKey {
  namespace: string
  name: string
}

export function streamKeyText({ namespace, name }: StreamKey): string {
  return `${namespace}/${name}`
}

/** What became of looking a stream up. */
export type FoundStream =
  | { kind: 'found'; stream: ImageStream }
  | { kind: 'missing' }
  | { kind: 'error'; message: string }

/** Streams that tags point at, by `namespace/name`. What is absent counts as missing. */
export type ForeignStreams = ReadonlyMap<string, FoundStream>

function isOwn(stream: ImageStream, source: TagSource): boolean {
  return source.namespace === (stream.metadata.namespace ?? '') && source.stream === stream.metadata.name
}

/** Streams other than this one that its tags point at, each once. */
export function foreignStreams(stream: ImageStream, tags: readonly TagReference[]): StreamKey[] {
  const keys = tags.flatMap(({ from }) => {
    const source = from === undefined ? undefined : parseTagSource(stream, from)
    if (source === undefined || isOwn(stream, source)) return []
    return [{ namespace: source.namespace, name: source.stream }]
  })
  return [...new Map(keys.map((key) => [streamKeyText(key), key])).values()]
}

class TagProblem extends Error {
  override readonly name = 'TagProblem'
  readonly type: 'Invalid value' | 'Not found'
  constructor(type: 'Invalid value' | 'Not found', detail = '') {
    super(detail)
    this.type = type
  }
}

interface Resolving {
  stream: ImageStream
  foreign: ForeignStreams
  internalRegistry: string
  now: Date
}

function sourceStream({ stream, foreign }: Resolving, source: TagSource): ImageStream {
  if (isOwn(stream, source)) return stream
  const found = foreign.get(`${source.namespace}/${source.stream}`) ?? { kind: 'missing' }
  if (found.kind === 'missing') throw new TagProblem('Not found')
  if (found.kind === 'error') {
    throw new TagProblem('Invalid value', `unable to retrieve image stream: ${found.message}`)
  }
  return found.stream
}

/** The event that the source gives, undefined where a source tag has nothing yet: that is legal. */
function sourceEvent(of: ImageStream, { kind, part }: TagSource, now: Date): TagEvent | undefined {
  if (kind === 'ImageStreamTag') return latestEvent(of, part || 'latest')
  const found = findImageEvent(of, part)
  if (found.kind === 'found') return { ...found.event, created: formatTime(now) }
  const name = `imagestreamimage.image.openshift.io ${quote(part)}`
  const why =
    found.kind === 'none'
      ? `${name} not found`
      : `Operation cannot be fulfilled on ${name}: multiple images match the prefix ${quote(part)}: ${found.images.join(', ')}`
  throw new TagProblem('Invalid value', `error generating tag event: ${why}`)
}

/**
 * A pull specification that names the source stream in the integrated registry is made to name this stream: pulls go
 * through the stream that the user may read.
 */
function asOwnReference(
  reference: string,
  { stream, internalRegistry }: Resolving,
  source: TagSource,
): string {
  const parsed = internalRegistry === '' ? undefined : parseReference(reference)
  const isOfSource =
    parsed?.registry === internalRegistry &&
    parsed.namespace === source.namespace &&
    parsed.name === source.stream
  if (parsed === undefined || !isOfSource) return reference
  return formatExact({
    ...parsed,
    namespace: stream.metadata.namespace ?? '',
    name: stream.metadata.name ?? '',
  })
}

function resolveFromStream(resolving: Resolving, tag: TagReference): ImageStream {
  const { stream, now } = resolving
  const source = parseTagSource(stream, tag.from ?? {})
  if (source === undefined) throw new TagProblem('Invalid value', sourceForm)
  const event = sourceEvent(sourceStream(resolving, source), source, now)
  if (event === undefined) return stream
  const generation = stream.metadata.generation ?? 0
  const dockerImageReference =
    tag.reference === true
      ? event.dockerImageReference
      : asOwnReference(event.dockerImageReference, resolving, source)
  const marked =
    source.kind === 'ImageStreamTag' && isOwn(stream, source)
      ? withLatestGeneration(stream, source.part || 'latest', generation)
      : stream
  return addTagEvent(marked, tag.name, { ...event, dockerImageReference, generation })
}

function resolveSpecTag(resolving: Resolving, tag: TagReference): ImageStream {
  const { stream, now } = resolving
  const { from } = tag
  if (from === undefined) return stream
  if (from.kind !== 'DockerImage' || !from.name) return resolveFromStream(resolving, tag)
  if (tag.reference !== true) return stream
  return addTagEvent(stream, tag.name, {
    created: formatTime(now),
    dockerImageReference: from.name,
    image: '',
    generation: stream.metadata.generation ?? 0,
  })
}

/**
 * Turns spec tags that are new or changed into events where that needs no import (image-api.md §7.2). Tags whose names
 * are in `skip` are left alone. What cannot be resolved is told, and the rest done all the same.
 */
export function resolveSpecTags(
  stream: ImageStream,
  old: ImageStream | undefined,
  facts: Omit<Resolving, 'stream'>,
  skip: ReadonlySet<string> = new Set(),
): { stream: ImageStream; errors: FieldError[] } {
  const errors: FieldError[] = []
  let result = stream
  for (const tag of changedTags(stream, old)) {
    if (skip.has(tag.name)) continue
    try {
      result = resolveSpecTag({ ...facts, stream: result }, tag)
    } catch (error) {
      if (!(error instanceof TagProblem)) throw error
      const field = `spec.tags[${tag.name}].from.name`
      errors.push({ type: error.type, field, value: tag.from?.name ?? '', detail: error.message })
    }
  }
  return { stream: result, errors }
}
