import type { ImageStream, TagEvent } from '../api/image/index.ts'
import { asRepository, formatExact, parseReference } from '../oci/index.ts'
import { latestEvent, specTag, statusTag } from './stream-tags.ts'

/** Where users of a tag are told to pull an event's image from (image-api.md §7.5). */
export function pullSpec(stream: ImageStream, tag: string, event: TagEvent): string {
  const isLocal = specTag(stream, tag)?.referencePolicy.type === 'Local'
  if (!isLocal || event.image === '') return event.dockerImageReference
  const repository = parseReference(stream.status.dockerImageRepository)
  if (repository === undefined) return event.dockerImageReference
  return formatExact({ ...asRepository(repository), id: event.image })
}

/** What a tag stands for, and if for nothing, why. */
export type Resolution =
  | { kind: 'image'; image: string; reference: string; event: TagEvent }
  /** A `reference: true` tag for a docker image: known by its reference only. */
  | { kind: 'reference'; reference: string; event: TagEvent }
  | { kind: 'missing'; why: 'no-tag' | 'no-history' }

/** What a tag of the stream stands for now. Following other tags is materialised in the history, so none is followed here. */
export function resolveTag(stream: ImageStream, tag: string): Resolution {
  const event = latestEvent(stream, tag)
  if (event === undefined) {
    const isKnown = specTag(stream, tag) !== undefined || statusTag(stream, tag) !== undefined
    return { kind: 'missing', why: isKnown ? 'no-history' : 'no-tag' }
  }
  const reference = pullSpec(stream, tag, event)
  if (event.image === '') return { kind: 'reference', reference, event }
  return { kind: 'image', image: event.image, reference, event }
}
