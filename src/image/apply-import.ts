import {
  type Image,
  type ImageImportStatus,
  type ImageStream,
  type ImageStreamImport,
  importSuccess,
  repositoryCheckAnnotation,
  type TagEvent,
  type TagEventCondition,
  type TagImportPolicy,
  type TagReference,
  type TagReferencePolicy,
} from '../api/image/index.ts'
import { type ApiError, formatTime } from '../machinery/index.ts'
import { addTagEvent, withLatestGeneration } from './history.ts'
import { isSemanticallyEqual } from './same-spec.ts'
import { latestEvent, specTag, statusTag, statusTags, withSpecTag, withStatusTag } from './stream-tags.ts'
import { type HeldTags, isHeld, nothingHeld } from './tag-holds.ts'
import { newStream } from './tag-write.ts'

/** Folding the results of an import into its stream (import.md §2.3). */

/** One result and the tag that it is for. */
interface TagResult {
  tag: string
  /** Name of the source as the spec tag will show it. */
  from: string
  result: ImageImportStatus
  importPolicy: TagImportPolicy
  referencePolicy: TagReferencePolicy
  /** Entries of `spec.images` leave a spec tag behind even when they fail; those of a repository don't. */
  keepsSpecOnFailure: boolean
}

interface Attempt {
  /** Generation that the stream will have. */
  generation: number
  /** When the registry work was over. */
  now: string
}

function tagResults({ spec, status }: ImageStreamImport): TagResult[] {
  const { repository, images = [] } = spec
  const fromRepository = (status.repository?.images ?? []).flatMap((result): TagResult[] => {
    if (repository === undefined || !result.tag) return []
    const { importPolicy, referencePolicy } = repository
    const from = `${repository.from.name ?? ''}:${result.tag}`
    return [{ tag: result.tag, from, result, importPolicy, referencePolicy, keepsSpecOnFailure: false }]
  })
  const single = images.flatMap((image, index): TagResult[] => {
    const result = status.images?.[index]
    const tag = image.to?.name
    if (result === undefined || !tag) return []
    const { importPolicy, referencePolicy } = image
    return [
      { tag, from: image.from.name ?? '', result, importPolicy, referencePolicy, keepsSpecOnFailure: true },
    ]
  })
  return [...fromRepository, ...single]
}

function isNeeded(stream: ImageStream, tag: string, event: TagEvent): boolean {
  const spec = specTag(stream, tag)
  const newest = latestEvent(stream, tag)
  if (newest === undefined || spec === undefined || spec.generation === null) return true
  const isOther = newest.image !== event.image || newest.dockerImageReference !== event.dockerImageReference
  return isOther || spec.generation > newest.generation
}

function importedSpecTag(before: TagReference | undefined, item: TagResult): TagReference {
  return {
    annotations: null,
    referencePolicy: item.referencePolicy,
    ...before,
    name: item.tag,
    from: { kind: 'DockerImage', name: item.from },
    generation: 0,
    importPolicy: item.importPolicy,
  }
}

function withConditions(stream: ImageStream, tag: string, conditions: TagEventCondition[]): ImageStream {
  const { items } = statusTag(stream, tag) ?? { items: null }
  return withStatusTag(stream, conditions.length === 0 ? { tag, items } : { tag, items, conditions })
}

/** Whether the tag was rolled back from just what its own source offers again. */
function isRejected(stream: ImageStream, { tag, from }: TagResult, image: string, held: HeldTags): boolean {
  const spec = specTag(stream, tag)
  const isOwnSource = spec?.from?.kind === 'DockerImage' && spec.from.name === from
  return isOwnSource && latestEvent(stream, tag) !== undefined && isHeld(held, tag, image)
}

/**
 * The image stays. Where the tag waited for this import its generations catch up, so that it does not wait any longer; else
 * nothing changes but what every import that works changes.
 */
function applyHeld(stream: ImageStream, item: TagResult, attempt: Attempt): ImageStream {
  const { tag } = item
  const spec = specTag(stream, tag)
  if (spec === undefined) return stream
  const isWaiting = (spec.generation ?? 0) > (latestEvent(stream, tag)?.generation ?? 0)
  const caughtUp = isWaiting ? withLatestGeneration(stream, tag, attempt.generation) : stream
  const generation = isWaiting ? 0 : spec.generation
  const next = withSpecTag(caughtUp, { ...spec, generation, importPolicy: item.importPolicy })
  return withConditions(next, tag, [])
}

function applySuccess(stream: ImageStream, item: TagResult, image: Image, attempt: Attempt): ImageStream {
  const { tag } = item
  const event: TagEvent = {
    created: attempt.now,
    dockerImageReference: image.dockerImageReference ?? '',
    image: image.metadata.name ?? '',
    generation: attempt.generation,
  }
  let next = stream
  if (isNeeded(stream, tag, event)) {
    next = withSpecTag(next, importedSpecTag(specTag(stream, tag), item))
    next = addTagEvent(next, tag, event)
  }
  const spec = specTag(next, tag)
  if (spec !== undefined) next = withSpecTag(next, { ...spec, importPolicy: item.importPolicy })
  return withConditions(next, tag, [])
}

function isSameCondition(a: TagEventCondition, b: TagEventCondition): boolean {
  return (
    a.type === b.type &&
    a.status === b.status &&
    (a.reason ?? '') === (b.reason ?? '') &&
    (a.message ?? '') === (b.message ?? '')
  )
}

function failureCondition(reason: string, message: string, attempt: Attempt): TagEventCondition {
  return {
    type: importSuccess,
    status: 'False',
    lastTransitionTime: attempt.now,
    ...(reason === '' ? {} : { reason }),
    message,
    generation: attempt.generation,
  }
}

function applyFailure(stream: ImageStream, item: TagResult, attempt: Attempt): ImageStream {
  const { tag, result } = item
  const { reason = '', message } = result.status
  const condition = failureCondition(reason, message || 'unknown error prevented import', attempt)
  const known = statusTag(stream, tag)?.conditions ?? []
  const spec = specTag(stream, tag)
  let next = stream
  if (!known.some((other) => isSameCondition(other, condition))) {
    next = withConditions(next, tag, [condition])
    if (spec !== undefined) next = withSpecTag(next, { ...spec, generation: 0 })
  }
  if (spec === undefined && item.keepsSpecOnFailure)
    next = withSpecTag(next, importedSpecTag(undefined, item))
  return next
}

function withCheckAnnotation(stream: ImageStream, now: string): ImageStream {
  const annotations = { ...stream.metadata.annotations, [repositoryCheckAnnotation]: now }
  return { ...stream, metadata: { ...stream.metadata, annotations } }
}

export interface ImportOutcome {
  /** Goes through planStreamWrite as `internal`. */
  stream: ImageStream
  /** false: an existing stream stays as it is and need not be written. */
  changed: boolean
  /** Tags that stay where a rollback put them, and the rejected image that their source offers. */
  held: { tag: string; image: string }[]
}

/**
 * The stream after an import. `request` is canonical and carries its results in `status`; `stream` is the version that
 * the import started from, undefined for a new one; `now` the time when the registry work was over. What a tag was rolled
 * back from is `held`: it stays until its source offers something else.
 */
export function applyImport(
  stream: ImageStream | undefined,
  request: ImageStreamImport,
  now: Date,
  held: HeldTags = nothingHeld,
): ImportOutcome {
  const { name = '', namespace = '' } = request.metadata
  const base = stream ?? newStream(namespace, name)
  const attempt = { generation: (base.metadata.generation ?? 0) + 1, now: formatTime(now) }
  const stays: ImportOutcome['held'] = []
  const next = tagResults(request).reduce((result, item) => {
    const { image, status } = item.result
    if (image === undefined || status.status !== 'Success') return applyFailure(result, item, attempt)
    const name = image.metadata.name ?? ''
    if (!isRejected(result, item, name, held)) return applySuccess(result, item, image, attempt)
    stays.push({ tag: item.tag, image: name })
    return applyHeld(result, item, attempt)
  }, base)
  const wasImported = Boolean(base.metadata.annotations?.[repositoryCheckAnnotation])
  const isSame = isSemanticallyEqual(next.spec, base.spec) && isSemanticallyEqual(next.status, base.status)
  if (stream !== undefined && wasImported && isSame) return { stream, changed: false, held: stays }
  return { stream: withCheckAnnotation(next, attempt.now), changed: true, held: stays }
}

/** Images of a request to be stored, parts of lists before their list, each once (import.md §2.3). */
export function imagesToStore({ spec, status }: ImageStreamImport): Image[] {
  const tagged = (status.images ?? []).filter((_, index) => spec.images?.[index]?.to?.name)
  const results = [...(status.repository?.images ?? []), ...tagged]
  const all = results.flatMap(({ image, manifests = [], status: { status: state } }) =>
    image === undefined || state !== 'Success' ? [] : [...manifests, image],
  )
  const first = new Map<string, Image>()
  for (const image of all) {
    const name = image.metadata.name ?? ''
    if (!first.has(name)) first.set(name, image)
  }
  return [...first.values()]
}

/** Whether the refusal of a stream write is one that {@link applyImportRefusal} records. */
export function isLimitRefusal(error: ApiError): boolean {
  const isRefusal = error.reason === 'Forbidden' || error.reason === 'Invalid'
  return isRefusal && error.message.includes('exceeds the maximum limit')
}

/**
 * The existing stream after limits refused what an import would have made of it (`refused`): conditions on the tags that
 * would have been new. Goes through planStreamWrite as `status`.
 */
export function applyImportRefusal(
  stream: ImageStream,
  refused: ImageStream,
  error: ApiError,
  now: Date,
): ImageStream {
  const attempt = { generation: (stream.metadata.generation ?? 0) + 1, now: formatTime(now) }
  const condition = failureCondition(error.reason, error.message, attempt)
  return statusTags(refused)
    .filter(({ tag }) => statusTag(stream, tag) === undefined)
    .reduce((result, { tag }) => withConditions(result, tag, [condition]), stream)
}
