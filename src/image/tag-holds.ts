import type { ImageStream, ObjectReference, TagReference } from '../api/image/index.ts'
import type { TagEventCause, TagHold } from '../api/weir/index.ts'
import { latestEvent, specTag, statusTag } from './stream-tags.ts'
import type { WriteFlavour } from './stream-write.ts'
import { parseTagSource } from './tag-source.ts'

/**
 * Rollback with memory: a tag that was rolled back does not follow its source to what was rejected (design.md §6). What
 * somebody asks for by name, a push to the tag or a tag command, is never held back.
 */

/** Rejected images by tag. */
export type HeldTags = ReadonlyMap<string, ReadonlySet<string>>

export const nothingHeld: HeldTags = new Map()

export function heldTags(holds: readonly TagHold[]): HeldTags {
  return new Map(holds.map(({ tag, rejected }) => [tag, new Set(rejected)]))
}

export function isHeld(held: HeldTags, tag: string, image: string): boolean {
  return held.get(tag)?.has(image) ?? false
}

/** Whether the tag comes to another image by itself or with an import: from a registry, or a tag of the same stream. */
export function followsSource(stream: ImageStream, tag: TagReference | undefined): boolean {
  const { from, reference } = tag ?? {}
  if (from?.name === undefined || from.name === '' || reference === true) return false
  if (from.kind === 'DockerImage') return true
  return followedTag(stream, from) !== undefined
}

/** The tag of the same stream that `from` names; undefined for anything else. */
export function followedTag(stream: ImageStream, from: ObjectReference): string | undefined {
  // Of a large stream nearly all tags name images or come from elsewhere.
  const source = from.kind === 'ImageStreamTag' ? parseTagSource(stream, from) : undefined
  const isOwn =
    source?.kind === 'ImageStreamTag' &&
    source.namespace === (stream.metadata.namespace ?? '') &&
    source.stream === stream.metadata.name
  return isOwn ? source.part : undefined
}

function sourceText(stream: ImageStream, tag: string): string {
  const from = specTag(stream, tag)?.from
  return JSON.stringify([from?.kind ?? '', from?.namespace ?? '', from?.name ?? ''])
}

/** How a stream was written. */
export interface HoldContext {
  cause: TagEventCause
  flavour: WriteFlavour
  /** The tag that was written by name; every other that moves follows. */
  tag?: string
}

/** A status that somebody writes whole follows nothing. */
function isFollowing(tag: string, { cause, flavour, tag: named }: HoldContext): boolean {
  if (cause === 'import' || cause === 'schedule') return true
  return named === undefined ? flavour !== 'status' : named !== tag
}

/**
 * Whether a write of the stream ends the hold: the tag is gone or has another source, its source has led it to something
 * that was not rejected, or somebody has put what was rejected there by name.
 */
export function endsHold(
  { tag, rejected }: TagHold,
  next: ImageStream | undefined,
  old: ImageStream,
  context: HoldContext,
): boolean {
  if (next === undefined) return true
  if (specTag(next, tag) === undefined && statusTag(next, tag) === undefined) return true
  if (sourceText(next, tag) !== sourceText(old, tag)) return true
  const image = latestEvent(next, tag)?.image ?? ''
  if (image === (latestEvent(old, tag)?.image ?? '')) return false
  if (context.cause === 'rollback') return false
  if (rejected.includes(image)) return true
  return isFollowing(tag, context)
}
