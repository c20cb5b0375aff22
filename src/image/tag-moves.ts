import type { ImageStream, TagEvent } from '../api/image/index.ts'
import { statusTagsByName } from './stream-tags.ts'

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
  const [after, before] = [statusTagsByName(next), statusTagsByName(old)]
  const moves: TagMove[] = []
  for (const tag of new Set([...before.keys(), ...after.keys()])) {
    const was = before.get(tag)?.items?.[0]
    const is = after.get(tag)?.items?.[0]
    if (isSameTarget(was, is)) continue
    moves.push({
      tag,
      ...(was === undefined ? {} : { before: was }),
      ...(is === undefined ? {} : { after: is }),
    })
  }
  return moves.sort((a, b) => (a.tag < b.tag ? -1 : 1))
}
