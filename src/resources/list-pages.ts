import type { ListOptions } from '../client/client.ts'
import { formatContinueToken, giveBack } from '../machinery/index.ts'
import type { Kind } from '../machinery/kind.ts'
import type { ListMeta } from '../machinery/object.ts'
import type { Entry, Store } from '../store/store.ts'
import { objectKey, scopePrefix } from './keys.ts'
import { parseListStart, requireReached, toListError } from './list-start.ts'
import type { ObjectCache } from './object-codec.ts'
import { type Selection, selectionOf } from './select.ts'
import type { Turns } from './turns.ts'

/** A list as it is read: a page at a time, all pages at the revision that `metadata` names. */
export interface EntryPages {
  metadata: ListMeta
  /** Rejects with an ApiError when the revision was forgotten meanwhile. */
  pages: AsyncIterable<readonly Entry[]>
  /** Nobody else has these values: whoever is done with one may give its memory back. */
  isOwn: boolean
}

export interface PagesDeps {
  store: Store
  cache: ObjectCache
  turns: Turns
}

/** A page is what one turn of the event loop can bear; its size follows from that of the entries before. */
const pageBytes = 128 << 10
export const pageEntries = { first: 100, least: 10, most: 500 }
/** How much a page that the client asked for may hold in memory: where it would be more, it ends early. */
export const largestPage = { entries: 10_000, bytes: 16 << 20 }

/**
 * A consistent list (Kubernetes API concepts, "Retrieving large results sets in chunks"). With a selector `limit` counts
 * matches; `remainingItemCount` is then left out, as the real server does. Very large pages end before their limit. Where all
 * that can match has names that begin with `nameBegins`, no others are read.
 */
export async function listPages(
  kind: Kind,
  namespace: string,
  options: ListOptions,
  deps: PagesDeps,
  who = '',
  nameBegins = '',
): Promise<EntryPages> {
  const selection = selectionOf(kind, options)
  const prefix = `${scopePrefix(kind, namespace)}${nameBegins}`
  const start = parseListStart(options, prefix)
  // resourceVersion=0 is served "from the cache": everything at once (image-api.md §16).
  const asked = options.resourceVersion === '0' ? 0 : (options.limit ?? 0)
  const reading: Reading = { ...deps, prefix, selection, who, fail: (error) => toListError(error, options) }
  try {
    requireReached(deps.store, start.revision)
    if (selection.name !== undefined && (namespace !== '' || !kind.namespaced)) {
      return await onePage(objectKey(kind, namespace, selection.name), reading)
    }
    const from = { after: start.after, revision: start.exact ? start.revision : undefined }
    return asked === 0
      ? await allPages(from, reading)
      : await limitedPage(Math.min(asked, largestPage.entries), from, reading)
  } catch (error) {
    throw reading.fail(error)
  }
}

interface Reading extends PagesDeps {
  prefix: string
  selection: Selection
  who: string
  fail(error: unknown): unknown
}

interface From {
  after: string | undefined
  revision: number | undefined
}

async function onePage(key: string, { store, selection, cache }: Reading): Promise<EntryPages> {
  const entry = await store.get(key)
  const entries = entry !== undefined && selection.matches(cache.decode(entry)) ? [entry] : []
  return { metadata: { resourceVersion: String(store.revision()) }, pages: once(entries), isOwn: false }
}

async function* once(entries: readonly Entry[]): AsyncGenerator<readonly Entry[]> {
  yield entries
}

async function allPages(from: From, reading: Reading): Promise<EntryPages> {
  const { store, prefix, who, turns, fail } = reading
  let limit = pageEntries.first
  let page = await store.list(prefix, { ...from, limit, remaining: 'any' })
  const { revision } = page

  async function* pages(): AsyncGenerator<readonly Entry[]> {
    for (;;) {
      limit = fitting(page.entries)
      const matching = matchesOf(page.entries, reading)
      if (matching.length > 0) yield matching
      const last = page.entries.at(-1)
      if (page.remaining === 0 || last === undefined) return
      await turns.next(who)
      try {
        page = await store.list(prefix, { after: last.key, limit, revision, remaining: 'any' })
      } catch (error) {
        throw fail(error)
      }
    }
  }
  return { metadata: { resourceVersion: String(revision) }, pages: pages(), isOwn: true }
}

/** The values of the others are given back. */
function matchesOf(entries: readonly Entry[], { selection, cache }: Reading): readonly Entry[] {
  if (selection.everything) return entries
  return entries.filter((entry) => {
    const isMatch = selection.mayMatch(entry.value) && selection.matches(cache.decode(entry))
    if (!isMatch) giveBack(entry.value)
    return isMatch
  })
}

function bytesOf(entries: readonly Entry[]): number {
  return entries.reduce((sum, { value }) => sum + value.length, 0)
}

const fitting = (entries: readonly Entry[]): number => fittingCount(entries.length, bytesOf(entries))

/** How many entries make a page of so many bytes when so many have so many bytes. */
export function fittingCount(entries: number, bytes: number, page = pageBytes): number {
  const count = Math.floor((page * entries) / Math.max(1, bytes))
  return Math.max(pageEntries.least, Math.min(pageEntries.most, count))
}

/** Up to `limit` matches, and where to go on. */
async function limitedPage(limit: number, from: From, reading: Reading): Promise<EntryPages> {
  const { store, prefix, selection, who, turns } = reading
  const found: Entry[] = []
  let bytes = 0
  let { after, revision } = from
  let size = Math.min(limit, pageEntries.first)
  for (;;) {
    const page = await store.list(prefix, { after, limit: size, revision })
    revision = page.revision
    const next = fitting(page.entries)
    const matching = matchesOf(page.entries, reading)
    const taken = matching.slice(0, limit - found.length)
    found.push(...taken)
    bytes += bytesOf(taken)
    // Where the limit cuts a page off, the next one begins after what was taken.
    const last = taken.length < matching.length ? taken.at(-1) : page.entries.at(-1)
    const left = page.remaining + (last === undefined ? 0 : entriesAfter(page.entries, last))
    const resourceVersion = String(revision)
    if (left === 0 || last === undefined)
      return { metadata: { resourceVersion }, pages: once(found), isOwn: true }
    if (found.length === limit || bytes > largestPage.bytes) {
      const token = formatContinueToken({ revision, after: last.key.slice(prefix.length) })
      const rest = selection.everything ? { remainingItemCount: left } : {}
      return { metadata: { resourceVersion, continue: token, ...rest }, pages: once(found), isOwn: true }
    }
    after = last.key
    size = selection.everything ? Math.min(limit - found.length, next) : next
    await turns.next(who)
  }
}

const entriesAfter = (entries: readonly Entry[], last: Entry): number =>
  entries.length - 1 - entries.indexOf(last)
