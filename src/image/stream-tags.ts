import {
  canonicalSpecTags,
  canonicalStatusTags,
  canonicalTagReference,
  compareBytes,
  type ImageStream,
  type ImportMode,
  type NamedTagEventList,
  type TagEvent,
  type TagReference,
} from '../api/image/index.ts'

/** Reading and replacing single tags of a canonical stream, whose tags are sorted. Nothing here changes its arguments. */

export function specTags(stream: ImageStream): readonly TagReference[] {
  return stream.spec.tags ?? []
}

export function statusTags(stream: ImageStream): readonly NamedTagEventList[] {
  return stream.status.tags ?? []
}

export function specTag(stream: ImageStream, name: string): TagReference | undefined {
  return specTags(stream).find((tag) => tag.name === name)
}

export function statusTag(stream: ImageStream, name: string): NamedTagEventList | undefined {
  return statusTags(stream).find((tag) => tag.tag === name)
}

/**
 * Walks two lists, both sorted by name, at once: each name that either has, with what each has of it. What looks at every tag of a
 * stream, several times in each write, makes no maps for it.
 */
export function mergeByName<A, B>(
  left: readonly A[],
  nameOfLeft: (entry: A) => string,
  right: readonly B[],
  nameOfRight: (entry: B) => string,
  visit: (left: A | undefined, right: B | undefined) => void,
): void {
  for (let at = 0, other = 0; at < left.length || other < right.length; ) {
    const [a, b] = [left[at], right[other]]
    const order = a === undefined ? 1 : b === undefined ? -1 : compareBytes(nameOfLeft(a), nameOfRight(b))
    visit(order <= 0 ? a : undefined, order >= 0 ? b : undefined)
    if (order <= 0) at++
    if (order >= 0) other++
  }
}

const nameOf = ({ name }: TagReference) => name
const tagOf = ({ tag }: NamedTagEventList) => tag

/** Each spec tag of two streams, by name. */
export function mergeSpecTags(
  next: ImageStream,
  old: ImageStream | undefined,
  visit: (next: TagReference | undefined, old: TagReference | undefined) => void,
): void {
  mergeByName(specTags(next), nameOf, old?.spec.tags ?? [], nameOf, visit)
}

/** The history of each tag of two streams, by name. */
export function mergeStatusTags(
  next: ImageStream | undefined,
  old: ImageStream | undefined,
  visit: (next: NamedTagEventList | undefined, old: NamedTagEventList | undefined) => void,
): void {
  mergeByName(next?.status.tags ?? [], tagOf, old?.status.tags ?? [], tagOf, visit)
}

/** The history of each tag of a stream, with what the tag should be. */
export function mergeTags(
  stream: ImageStream,
  visit: (history: NamedTagEventList | undefined, spec: TagReference | undefined) => void,
): void {
  mergeByName(statusTags(stream), tagOf, specTags(stream), nameOf, visit)
}

/** The event that a tag stands for now; undefined where it has no history. */
export function latestEvent(stream: ImageStream, tag: string): TagEvent | undefined {
  return statusTag(stream, tag)?.items?.[0]
}

export function withSpecTags(
  stream: ImageStream,
  tags: readonly TagReference[],
  defaultMode: ImportMode = 'Legacy',
): ImageStream {
  const sorted = canonicalSpecTags(tags, defaultMode)
  if (sorted.length > 0 && sorted === stream.spec.tags) return stream
  const { tags: replaced, ...spec } = stream.spec
  return { ...stream, spec: sorted.length === 0 ? spec : { ...spec, tags: sorted } }
}

export function withStatusTags(stream: ImageStream, tags: readonly NamedTagEventList[]): ImageStream {
  const { tags: replaced, ...status } = stream.status
  const sorted = canonicalStatusTags(tags)
  return { ...stream, status: sorted.length === 0 ? status : { ...status, tags: sorted } }
}

/** A list sorted by name with one entry added or replaced: what is done once for each event must not sort anew. */
function withEntry<T>(entries: readonly T[], entry: T, name: (entry: T) => string): T[] {
  const at = entries.findIndex((other) => compareBytes(name(other), name(entry)) >= 0)
  const from = at === -1 ? entries.length : at
  const found = entries[from]
  const isThere = found !== undefined && name(found) === name(entry)
  return [...entries.slice(0, from), entry, ...entries.slice(isThere ? from + 1 : from)]
}

/** Adds or replaces the spec tag of that name. */
export function withSpecTag(
  stream: ImageStream,
  tag: TagReference,
  defaultMode: ImportMode = 'Legacy',
): ImageStream {
  const canonical = canonicalTagReference(tag, defaultMode)
  const tags = withEntry(specTags(stream), canonical, nameOf)
  return { ...stream, spec: { ...stream.spec, tags } }
}

/** Adds or replaces the status tag of that name. */
export function withStatusTag(stream: ImageStream, tag: NamedTagEventList): ImageStream {
  const tags = withEntry(statusTags(stream), tag, tagOf)
  return { ...stream, status: { ...stream.status, tags } }
}

export function withoutSpecTag(stream: ImageStream, name: string): ImageStream {
  return withSpecTags(
    stream,
    specTags(stream).filter((tag) => tag.name !== name),
  )
}

export function withoutStatusTag(stream: ImageStream, name: string): ImageStream {
  return withStatusTags(
    stream,
    statusTags(stream).filter((tag) => tag.tag !== name),
  )
}

/** The namespace that `from` of one of the stream's tags means. */
export function sourceNamespace(stream: ImageStream, tag: TagReference | undefined): string {
  return tag?.from?.namespace || (stream.metadata.namespace ?? '')
}
