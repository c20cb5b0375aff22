import { LRUCache } from 'lru-cache'
import type { Kind } from '../machinery/kind.ts'
import { compareKeys } from '../store/index.ts'
import type { Entry, Key, Revision, Store } from '../store/store.ts'
import { kindPrefix } from './keys.ts'
import type { ItemJson } from './shown.ts'

/** Some objects that follow each other in a list, ready for the wire. */
export interface Segment {
  /** All keys of the list begin so. */
  prefix: Key
  /** The segment has all there is after this key; the prefix itself for the beginning. */
  after: Key
  keys: readonly Key[]
  /** Nothing comes after it. */
  isEnd: boolean
  /** The state that it was read from. */
  revision: Revision
  /** The JSON of its items, each after a comma. */
  json: Buffer
  /** Where each of its items ends in `json`. */
  ends: readonly number[]
}

/** `itemJson`: the JSON of an entry as an item of a list. The segment has its bytes, and their buffer, for itself. */
export function toSegment(
  place: Pick<Segment, 'prefix' | 'after' | 'isEnd' | 'revision'>,
  entries: readonly Entry[],
  itemJson: (entry: Entry) => ItemJson,
): Segment {
  const items = entries.map(itemJson)
  const length = items.reduce((sum, { front, rest }) => sum + 1 + front.length + rest.length, 0)
  const json = Buffer.allocUnsafeSlow(length)
  const ends: number[] = []
  let end = 0
  for (const { front, rest } of items) {
    end += json.write(`,${front}`, end, 'latin1')
    json.set(rest, end)
    end += rest.length
    ends.push(end)
  }
  return { ...place, keys: entries.map(({ key }) => key), json, ends }
}

/** The JSON of the first so many items, each after a comma. */
export function firstItems({ json, ends }: Segment, count: number): Buffer {
  return count >= ends.length ? json : json.subarray(0, ends[count - 1] ?? 0)
}

/**
 * What is read again and again stays here as long as nothing in it changes. Only a mark stays of what is read for the first time: the
 * bytes of parts that change between any two lists are better forgotten at once, for they would outlive cheap garbage collection.
 */
export interface SegmentCache {
  /** What comes after the key, where it is known as it was at the revision, which is one of now or before. */
  find(prefix: Key, after: Key, revision: Revision): Segment | undefined
  /** Of what was read as it was before. Whether its bytes are needed from now on. */
  keep(segment: Segment): boolean
}

const nothing = Buffer.alloc(0)

function markOf(segment: Segment): Segment {
  return { ...segment, keys: segment.keys.slice(-1), json: nothing, ends: [] }
}

const isMark = ({ keys, ends }: Segment): boolean => ends.length < keys.length

/** With more changes than these since the last list, all of the kind is read anew. */
const mostChanges = 500
/** What a key takes beside its item, about. */
const keyBytes = 100
/** Fewer items than these are read as fast from the store; most such lists are made once. */
const fewest = 10

const nameOf = (prefix: Key, after: Key): string => `${prefix.length} ${prefix}${after}`

function covers({ prefix, after, keys, isEnd }: Segment, key: Key): boolean {
  if (!key.startsWith(prefix) || isBefore(key, after)) return false
  return isEnd || !isBefore(keys.at(-1) ?? after, key)
}

const isBefore = (a: Key, b: Key): boolean => compareKeys(a, b) < 0

/** Segments of one kind's lists; all caches made from one `room` share it. */
export function createSegmentCache(
  kind: Pick<Kind, 'group' | 'plural'>,
  store: Pick<Store, 'revision' | 'changed'>,
  room: SegmentRoom,
): SegmentCache {
  const home = kindPrefix(kind)
  let checked = 0

  function* mine(): Generator<[string, Segment]> {
    for (const found of room.entries()) if (found[1].prefix.startsWith(home)) yield found
  }

  /** Drops what is no longer as it was. */
  function catchUp(): void {
    const now = store.revision()
    if (now === checked) return
    const changed = store.changed(home, checked)
    checked = now
    const isTooMuch = changed === undefined || changed.length > mostChanges
    for (const [name, segment] of mine()) {
      if (isTooMuch || changed.some((key) => covers(segment, key))) room.delete(name)
    }
  }

  return {
    find(prefix, after, revision) {
      catchUp()
      const found = room.get(nameOf(prefix, after))
      return found === undefined || isMark(found) || found.revision > revision ? undefined : found
    },
    keep(segment) {
      const { prefix, after, keys, isEnd, revision } = segment
      if (keys.length < fewest && !isEnd) return false
      catchUp()
      const since = store.changed(home, revision)
      if (since === undefined || since.some((key) => covers(segment, key))) return false
      const name = nameOf(prefix, after)
      const before = room.get(name)
      const isSame = before?.isEnd === isEnd && before.keys.at(-1) === keys.at(-1)
      room.set(name, isSame ? segment : markOf(segment))
      return isSame
    },
  }
}

export type SegmentRoom = LRUCache<string, Segment>

export function createSegmentRoom(bytes: number): SegmentRoom {
  return new LRUCache({
    maxSize: bytes,
    sizeCalculation: ({ json, keys }) => json.length + (keys.length + 1) * keyBytes,
  })
}
