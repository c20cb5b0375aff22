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

/** Spec tags by name, for those who look at many. */
export function specTagsByName(stream: ImageStream | undefined): Map<string, TagReference> {
  return new Map((stream?.spec.tags ?? []).map((tag) => [tag.name, tag]))
}

/** Status tags by name, for those who look at many. */
export function statusTagsByName(stream: ImageStream | undefined): Map<string, NamedTagEventList> {
  return new Map((stream?.status.tags ?? []).map((tag) => [tag.tag, tag]))
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
  const { tags: replaced, ...spec } = stream.spec
  const sorted = canonicalSpecTags(tags, defaultMode)
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
  const tags = withEntry(specTags(stream), canonical, ({ name }) => name)
  return { ...stream, spec: { ...stream.spec, tags } }
}

/** Adds or replaces the status tag of that name. */
export function withStatusTag(stream: ImageStream, tag: NamedTagEventList): ImageStream {
  const tags = withEntry(statusTags(stream), tag, (history) => history.tag)
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
