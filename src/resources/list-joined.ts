import type { ListOptions } from '../client/client.ts'
import { formatContinueToken, giveBack } from '../machinery/index.ts'
import type { Kind } from '../machinery/kind.ts'
import type { ListMeta } from '../machinery/object.ts'
import type { Entry, Key, Store } from '../store/store.ts'
import { scopePrefix } from './keys.ts'
import { fittingCount, largestPage, pageEntries } from './list-pages.ts'
import { firstItems, type Segment, type SegmentCache, toSegment } from './list-segments.ts'
import { parseListStart, requireReached, toListError } from './list-start.ts'
import { selectionOf } from './select.ts'
import type { ItemJson } from './shown.ts'
import type { Turns } from './turns.ts'

/** A list as the JSON of its items, each after a separator: a comma, or what was asked for. */
export interface JoinedPages {
  metadata: ListMeta
  /** An array where all of it is at hand. */
  pages: readonly JoinedPage[] | AsyncIterable<JoinedPage>
}

export interface JoinedPage {
  json: Buffer
  /** Nobody else has these bytes, nor their buffer: whoever is done with them gives them back. */
  isOwn: boolean
}

export interface JoinedDeps {
  store: Store
  turns: Turns
  segments: SegmentCache
  itemJson(entry: Entry): ItemJson
}

/** Bytes at the beginning of a long list that are worth to be kept: the rest would only push them out. */
const keptOfList = 8 << 20
/** What is kept is mostly sent, which is quicker than reading it: its pages can be larger before they hold up others. */
const keptPageBytes = 128 << 10

/**
 * The newest state of all there is, from its beginning: the list that is asked for most, and whose parts are kept ready. undefined
 * for any other, which `listPages` reads.
 */
export async function listJoined(
  kind: Kind,
  namespace: string,
  options: ListOptions,
  deps: JoinedDeps,
  who: string,
): Promise<JoinedPages | undefined> {
  const prefix = scopePrefix(kind, namespace)
  const start = parseListStart(options, prefix)
  if (start.exact || !selectionOf(kind, options).everything) return undefined
  // As in `listPages`: resourceVersion=0 is everything.
  const limit = options.resourceVersion === '0' ? 0 : (options.limit ?? 0)
  try {
    requireReached(deps.store, start.revision)
    const reader = createReader(prefix, deps, who)
    return limit === 0
      ? await allJoined(reader, options)
      : await limitedJoined(Math.min(limit, largestPage.entries), reader, prefix)
  } catch (error) {
    throw toListError(error, options)
  }
}

interface Part {
  segment: Segment
  isOwn: boolean
}

interface Reader {
  /** Of the first segment, and so of all that come after it. */
  revision(): number
  /** How many there are. Before anything is read. */
  count(): Promise<number>
  /** What comes after the last one; at most so many, unless more are at hand. */
  next(limit: number): Promise<Part>
  /** How many entries like those of the last segment make a page. */
  fitting(): number
}

function createReader(prefix: Key, { store, turns, segments, itemJson }: JoinedDeps, who: string): Reader {
  let revision: number | undefined
  let last: Segment | undefined
  let isFromStore = false
  let bytes = 0

  async function read(after: Key, limit: number): Promise<Part> {
    if (isFromStore) await turns.next(who)
    isFromStore = true
    const from = after === prefix ? {} : { after }
    const page = await store.list(prefix, { ...from, limit, revision, remaining: 'any' })
    revision = page.revision
    const place = { prefix, after, isEnd: page.remaining === 0, revision }
    const segment = toSegment(place, page.entries, itemJson)
    for (const { value } of page.entries) giveBack(value)
    const isKept = bytes < keptOfList && segments.keep(segment)
    return { segment, isOwn: !isKept }
  }

  return {
    revision: () => revision ?? store.revision(),
    async count() {
      const { entries, remaining, revision: at } = await store.list(prefix, { limit: 1 })
      revision = at
      return entries.length + remaining
    },
    async next(limit) {
      const after = last?.keys.at(-1) ?? prefix
      const at = revision ?? store.revision()
      const known = segments.find(prefix, after, at)
      if (known !== undefined) revision = at
      const part = known === undefined ? await read(after, limit) : { segment: known, isOwn: false }
      last = part.segment
      bytes += sizeOf(last)
      return part
    },
    fitting() {
      if (last === undefined) return pageEntries.first
      return fittingCount(last.keys.length, sizeOf(last), bytes < keptOfList ? keptPageBytes : undefined)
    },
  }
}

/** Bytes of its items, even after they were given back. */
const sizeOf = ({ ends }: Segment): number => ends.at(-1) ?? 0

async function allJoined(reader: Reader, options: ListOptions): Promise<JoinedPages> {
  const first = await reader.next(reader.fitting())

  async function* pages(): AsyncGenerator<JoinedPage> {
    for (let part = first; ; ) {
      const { segment, isOwn } = part
      if (segment.keys.length > 0) yield { json: segment.json, isOwn }
      if (segment.isEnd) return
      try {
        part = await reader.next(reader.fitting())
      } catch (error) {
        throw toListError(error, options)
      }
    }
  }
  return { metadata: { resourceVersion: String(reader.revision()) }, pages: pages() }
}

async function limitedJoined(limit: number, reader: Reader, prefix: Key): Promise<JoinedPages> {
  const total = await reader.count()
  const pages: JoinedPage[] = []
  let found = 0
  let bytes = 0
  for (;;) {
    const { segment, isOwn } = await reader.next(Math.min(limit - found, reader.fitting()))
    const count = Math.min(segment.keys.length, limit - found)
    if (count > 0) pages.push({ json: firstItems(segment, count), isOwn })
    found += count
    bytes += pages.at(-1)?.json.length ?? 0
    const resourceVersion = String(reader.revision())
    if (segment.isEnd && count === segment.keys.length) return { metadata: { resourceVersion }, pages }
    if (found === limit || bytes > largestPage.bytes) {
      const after = (segment.keys[count - 1] ?? segment.after).slice(prefix.length)
      const token = formatContinueToken({ revision: reader.revision(), after })
      const remainingItemCount = total - found
      // A limit that is just met: the last segment need not know that it is the last.
      if (remainingItemCount === 0) return { metadata: { resourceVersion }, pages }
      return { metadata: { resourceVersion, continue: token, remainingItemCount }, pages }
    }
  }
}
