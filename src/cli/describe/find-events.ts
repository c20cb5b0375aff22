import type { ImageStream } from '../../api/index.ts'
import { pullSpec } from '../../image/index.ts'

/** A place in the history of the streams where an image reference comes from. */
export interface FoundEvent {
  /** `stream:tag`. */
  tag: string
  /** RFC 3339; '' where unknown. */
  since: string
  isCurrent: boolean
}

/** The tags of these streams that give, or gave, this reference; current ones first. */
export function findEvents(streams: readonly ImageStream[], image: string): FoundEvent[] {
  const found = streams.flatMap((stream) =>
    (stream.status.tags ?? []).flatMap(({ tag, items }) => {
      const at = (items ?? []).findIndex((event) => pullSpec(stream, tag, event) === image)
      const event = items?.[at]
      if (event === undefined) return []
      return [{ tag: `${stream.metadata.name}:${tag}`, since: event.created ?? '', isCurrent: at === 0 }]
    }),
  )
  return found.sort((a, b) => Number(b.isCurrent) - Number(a.isCurrent))
}
