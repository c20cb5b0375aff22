import type { ImageStream, TagEvent } from '../api/image/index.ts'
import { mergeStatusTags } from './stream-tags.ts'

/** A tag that stands for something else than before (design.md §6). */
export interface TagMove {
  tag: string
  /** Absent where the tag is new. */
  before?: TagEvent
  /** Absent where the tag is gone. */
  after?: TagEvent
}

function isSameTarget(a: TagEvent | undefined, b: TagEvent | undefined): boolean {
  return a?.image === b?.image && a?.dockerImageReference === b?.dockerImageReference
}

/**
 * Tags whose newest event names another image, or the same at another address, in the order of their names. A generation
 * that changes is no move; nor is what happens to older events. `old` is undefined for a new stream, `next` for one that
 * goes.
 */
export function tagMoves(next: ImageStream | undefined, old: ImageStream | undefined): TagMove[] {
  const moves: TagMove[] = []
  mergeStatusTags(next, old, (after, before) => {
    const was = before?.items?.[0]
    const is = after?.items?.[0]
    if (after === before || isSameTarget(was, is)) return
    moves.push({
      tag: (after ?? before)?.tag ?? '',
      ...(was === undefined ? {} : { before: was }),
      ...(is === undefined ? {} : { after: is }),
    })
  })
  return moves
}
