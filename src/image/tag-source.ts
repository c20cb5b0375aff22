import type { ImageStream, ObjectReference } from '../api/image/index.ts'

/** The stream and the tag or image of it that a spec tag points at. */
export interface TagSource {
  kind: 'ImageStreamTag' | 'ImageStreamImage'
  namespace: string
  stream: string
  /** Name of a tag, or id of an image. */
  part: string
}

export const sourceForm = 'must be of the form <tag>, <repo>:<tag>, <id>, or <repo>@<id>'

/**
 * Takes apart `from` of a tag of `stream` (image-api.md §7.2): one part names a tag or image of the stream itself.
 * undefined for another kind and for too many parts.
 */
export function parseTagSource(stream: ImageStream, from: ObjectReference): TagSource | undefined {
  const { kind, name = '' } = from
  if (kind !== 'ImageStreamTag' && kind !== 'ImageStreamImage') return undefined
  const parts = name.split(kind === 'ImageStreamTag' ? ':' : '@')
  if (parts.length > 2) return undefined
  const own = stream.metadata.name ?? ''
  const [first = '', second] = parts
  return {
    kind,
    namespace: from.namespace || (stream.metadata.namespace ?? ''),
    stream: second === undefined ? own : first,
    part: second ?? first,
  }
}
