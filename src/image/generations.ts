import type { ImageStream, TagEvent, TagReference } from '../api/image/index.ts'
import { hasSameSpec } from './same-spec.ts'
import {
  mergeSpecTags,
  sourceNamespace,
  specTag,
  specTags,
  statusTag,
  statusTags,
  withSpecTags,
  withStatusTags,
} from './stream-tags.ts'

/**
 * Whether a spec tag has changed so that it must be resolved or imported anew (image-api.md §6.3). Kind of source,
 * transport, schedule, reference policy and annotations don't count.
 */
export function isTagChanged(stream: ImageStream, old: TagReference, next: TagReference): boolean {
  const { from } = next
  if (from === undefined || (!from.kind && !from.name)) return false
  const isReset = next.generation === 0 && old.generation !== null && old.generation !== 0
  return (
    isReset ||
    sourceNamespace(stream, old) !== sourceNamespace(stream, next) ||
    (old.from?.name ?? '') !== (from.name ?? '') ||
    (old.reference ?? false) !== (next.reference ?? false) ||
    old.importPolicy.importMode !== next.importPolicy.importMode
  )
}

/** Spec tags that are new or changed, in the order of their names. */
export function changedTags(next: ImageStream, old: ImageStream | undefined): TagReference[] {
  if (old !== undefined && next.spec.tags === old.spec.tags) return []
  const changed: TagReference[] = []
  mergeSpecTags(next, old, (tag, before) => {
    if (tag === undefined || tag === before) return
    if (before === undefined || isTagChanged(next, before, tag)) changed.push(tag)
  })
  return changed
}

function withGeneration(stream: ImageStream, generation: number): ImageStream {
  return { ...stream, metadata: { ...stream.metadata, generation } }
}

/** A new stream and all its tags start with generation 1. */
export function firstGenerations(stream: ImageStream): ImageStream {
  const tags = specTags(stream).map((tag) => ({ ...tag, generation: 1 }))
  return withGeneration(withSpecTags(stream, tags), 1)
}

/** Clients choose between the stored generation and 0, which asks for an import. */
function settledGeneration(tag: TagReference, before: TagReference | undefined): TagReference {
  if (tag.generation === 0 || before === undefined || tag.generation === before.generation) return tag
  return { ...tag, generation: before.generation }
}

/** Generations of stream and tags after a public or internal update (image-api.md §6.3). */
export function nextGenerations(next: ImageStream, old: ImageStream): ImageStream {
  const before = old.metadata.generation ?? 0
  // Nothing but metadata is written.
  if (before !== 0 && next.spec === old.spec && specTags(next).every((tag) => tag.generation)) {
    return withGeneration(next, before)
  }
  const settledTags: TagReference[] = []
  mergeSpecTags(next, old, (tag, stored) => {
    if (tag !== undefined) settledTags.push(settledGeneration(tag, stored))
  })
  const settled = withSpecTags(next, settledTags)
  const generation = before === 0 || !hasSameSpec(settled, old) ? before + 1 : before
  const changed = new Set(changedTags(settled, old).map((tag) => tag.name))
  const tags = specTags(settled).map((tag) =>
    (changed.has(tag.name) || !tag.generation) && tag.generation !== generation
      ? { ...tag, generation }
      : tag,
  )
  return withGeneration(withSpecTags(settled, tags), generation)
}

function statusGeneration(next: ImageStream, old: ImageStream, tag: string, event: TagEvent): number {
  const ofStream = next.metadata.generation ?? 0
  const stored = statusTag(old, tag)?.items?.[0]
  const isUnchanged =
    stored === undefined ||
    (stored.image === event.image && stored.dockerImageReference === event.dockerImageReference)
  return isUnchanged ? ofStream : (specTag(next, tag)?.generation ?? ofStream)
}

/** Events that a status update wrote without a generation get one (image-api.md §6.3, last part). */
export function withStatusGenerations(next: ImageStream, old: ImageStream): ImageStream {
  const tags = statusTags(next).map((tag) => {
    const [newest, ...older] = tag.items ?? []
    if (newest === undefined || newest.generation !== 0) return tag
    return {
      ...tag,
      items: [{ ...newest, generation: statusGeneration(next, old, tag.tag, newest) }, ...older],
    }
  })
  return withStatusTags(next, tags)
}
