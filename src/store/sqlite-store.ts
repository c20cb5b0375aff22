import { LRUCache } from 'lru-cache'
import { checkChanges, checkKey } from './check-changes.ts'
import { CommitQueue, type SeenChange } from './commit-queue.ts'
import { KeyCounts } from './key-counts.ts'
import { isWithin, type KeyRange, rangeOf } from './key-range.ts'
import type { LogItem, LogReader } from './log-reader.ts'
import type { Outcome } from './log-writer.ts'
import { endOf, toPosition } from './position.ts'
import {
  type Change,
  CompactedError,
  type Entry,
  FutureRevisionError,
  type Key,
  type Page,
  type Revision,
  type Snapshot,
  type Store,
  type StoreEvent,
  type WatchOptions,
} from './store.ts'
import { StoreClosedError } from './store-errors.ts'
import { WatchHub, type WatchHubOptions } from './watch-hub.ts'
import type { Writer } from './writer.ts'

export interface SqliteStoreParts {
  reader: LogReader
  writer: Writer
  newest: Revision
  compacted: Revision
  /** Bytes of values kept in memory for `get`. */
  cacheBytes: number
  watch: WatchHubOptions
  /** Called when all is closed. */
  release(): void
}

const sweepRows = 500
/** 1 MiB at a time. */
const reclaimPages = 256

/**
 * The engine: reads happen in the caller's thread, commits go through the queue to the writer. What it shows is the state
 * at `#newest`; when the writer has got further, a read first takes the missing events from the log, so that no two reads
 * ever contradict each other.
 */
export class SqliteStore implements Store {
  readonly #reader: LogReader
  readonly #queue: CommitQueue
  readonly #hub: WatchHub
  readonly #cache: LRUCache<Key, Entry>
  readonly #counts = new KeyCounts()
  /** How many keys follow the last one of a page that was given out. */
  readonly #remaining = new LRUCache<string, number>({ max: 1000 })
  #newest: Revision
  #compacted: Revision
  readonly #release: () => void
  #closing: Promise<void> | undefined

  constructor({ reader, writer, newest, compacted, cacheBytes, watch, release }: SqliteStoreParts) {
    this.#reader = reader
    this.#queue = new CommitQueue(writer, (commits, outcomes) => this.#acknowledge(commits, outcomes))
    this.#hub = new WatchHub(reader, newest, compacted, watch)
    this.#cache = new LRUCache({
      maxSize: Math.max(1, cacheBytes),
      maxEntrySize: Math.max(1, cacheBytes >> 4),
      sizeCalculation: (entry) => entry.value.length + entry.key.length + 200,
    })
    this.#newest = newest
    this.#compacted = compacted
    this.#release = release
  }

  revision(): Revision {
    return this.#newest
  }

  compacted(): Revision {
    return this.#compacted
  }

  async get(key: Key): Promise<Entry | undefined> {
    this.#checkOpen()
    return this.#cache.get(key) ?? this.#read(() => this.#load(key))
  }

  async getMany(keys: readonly Key[]): Promise<(Entry | undefined)[]> {
    this.#checkOpen()
    const cached = keys.map((key) => this.#cache.get(key))
    if (!cached.includes(undefined)) return cached
    return this.#read(() => keys.map((key) => this.#cache.get(key) ?? this.#load(key)))
  }

  async commit(changes: readonly Change[]): Promise<Revision> {
    this.#checkOpen()
    if (changes.length === 0) return this.#newest
    return this.#queue.commit(checkChanges(changes).map((change) => this.#withSeen(change)))
  }

  async list(prefix: Key, page: Page = {}): Promise<Snapshot> {
    this.#checkOpen()
    checkKey(prefix)
    // Writes ask for limits and quotas each time, and most namespaces have none.
    if (page.revision === undefined && this.#counts.peek(prefix) === 0) {
      return { entries: [], revision: this.#newest, remaining: 0 }
    }
    return this.#read(() => {
      const revision = page.revision ?? this.#newest
      if (revision > this.#newest) throw new FutureRevisionError(revision, this.#newest)
      if (revision < this.#compacted) throw new CompactedError(revision, this.#compacted)
      return this.#list(prefix, page, revision)
    })
  }

  changed(prefix: Key, after: Revision): Key[] | undefined {
    return this.#hub.changed(prefix, after)
  }

  watch(prefix: Key, after: Revision, options: WatchOptions): AsyncIterable<StoreEvent> {
    this.#checkOpen()
    checkKey(prefix)
    return this.#hub.watch(prefix, after, options)
  }

  async compact(revision: Revision): Promise<void> {
    this.#checkOpen()
    if (revision > this.#newest) throw new FutureRevisionError(revision, this.#newest)
    if (revision <= this.#compacted) return
    await this.#queue.between((writer) => writer.forget(revision))
    this.#compacted = Math.max(this.#compacted, revision)
    this.#hub.forget(this.#compacted)
    await this.sweep()
  }

  /** Removes from the disk what is forgotten, in steps between which commits proceed; what a crash left over, too. */
  async sweep(): Promise<void> {
    let rows = sweepRows
    while (rows === sweepRows && this.#closing === undefined) {
      rows = await this.#queue.between((writer) => writer.sweep(this.#compacted, sweepRows))
    }
    let pages = reclaimPages
    while (pages > 0 && this.#closing === undefined) {
      pages = await this.#queue.between((writer) => writer.reclaim(reclaimPages))
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#hub.close()
    try {
      await this.#queue.drain()
      // The last connection to close moves the write-ahead log into the file: the writer's, off the event loop.
      this.#reader.close()
      await this.#queue.close()
    } finally {
      this.#release()
    }
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw new StoreClosedError()
  }

  /** The value that the writer saw is often still here, and need not come back from the disk. */
  #withSeen(change: Change): SeenChange {
    const entry = this.#cache.peek(change.key)
    return entry !== undefined && entry.revision === change.expect ? { ...change, seen: entry.value } : change
  }

  /** One snapshot for all that `read` reads. */
  #read<T>(read: () => T): T {
    this.#queue.poll()
    // Nobody else writes: what the disk holds stays as it is until the next batch is sent.
    if (!this.#queue.unsettled) return read()
    return this.#reader.atomically(() => {
      this.#catchUp()
      return read()
    })
  }

  #load(key: Key): Entry | undefined {
    const entry = this.#reader.get(key)
    if (entry !== undefined) this.#cache.set(key, entry)
    return entry
  }

  #list(prefix: Key, page: Page, revision: Revision): Snapshot {
    const range = rangeOf(prefix, page.after)
    if (range === undefined) return { entries: [], revision, remaining: 0 }
    const limit = page.limit ?? -1
    const entries =
      revision === this.#newest
        ? this.#reader.list(range, limit)
        : this.#listAt(prefix, range, revision, limit)
    if (entries.length === 0 && !range.open && revision === this.#newest) this.#counts.get(prefix, () => 0)
    if (entries.length !== limit) return { entries, revision, remaining: 0 }
    const remaining = page.remaining === 'any' ? 1 : this.#rest(prefix, range, entries, revision)
    return { entries, revision, remaining }
  }

  /** What changed since is mostly elsewhere: then the page is as it was, and the log need not be searched for what it replaced. */
  #listAt(prefix: Key, range: KeyRange, revision: Revision, limit: number): Entry[] {
    const changed = this.#hub.changed(prefix, revision)
    if (changed !== undefined) {
      const entries = this.#reader.list(range, limit)
      const last = entries.length === limit ? entries.at(-1)?.key : undefined
      if (!changed.some((key) => isWithin(range, key, last))) return entries
    }
    return this.#reader.listAt(range, revision, limit)
  }

  /** How many keys follow the page; for the pages after the first of a list, known from the page before. */
  #rest(prefix: Key, range: KeyRange, entries: Entry[], revision: Revision): number {
    const name = (after: Key) => `${revision} ${prefix.length} ${prefix}${after}`
    const before = range.open ? this.#remaining.get(name(range.from)) : undefined
    const remaining = (before ?? this.#count(prefix, range, revision)) - entries.length
    const last = entries.at(-1)?.key
    if (last !== undefined) this.#remaining.set(name(last), remaining)
    return remaining
  }

  #count(prefix: Key, range: KeyRange, revision: Revision): number {
    if (revision < this.#newest) return this.#reader.countAt(range, revision)
    const count = () => this.#reader.count(range)
    return range.open ? count() : this.#counts.get(prefix, count)
  }

  #acknowledge(commits: readonly (readonly SeenChange[])[], outcomes: readonly Outcome[]): void {
    const items: LogItem[] = []
    let newest = this.#newest
    for (const [place, outcome] of outcomes.entries()) {
      // At or below the newest revision: it changed nothing, or a read has already found it in the log.
      if (outcome.kind === 'conflict' || outcome.revision <= this.#newest) continue
      newest = outcome.revision
      for (const [at, change] of commits[place]!.entries()) {
        const item = toItem(change, outcome, at)
        if (item !== undefined) items.push(item)
        this.#remember(change, outcome, at)
      }
    }
    this.#advance(items, newest)
  }

  #remember(
    { key, value }: Change,
    { revision, effects }: Outcome & { kind: 'committed' },
    at: number,
  ): void {
    const created = effects[at]?.created
    if (value === undefined || created === undefined) this.#cache.delete(key)
    else this.#cache.set(key, { key, value, revision, created })
  }

  #catchUp(): void {
    const last = this.#reader.last()
    const everything: KeyRange = { from: '', open: false, to: undefined }
    while (last > this.#newest) {
      const { items } = this.#reader.events(everything, endOf(this.#newest), endOf(last), Infinity, -1)
      for (const { event } of items) this.#cache.delete(event.key)
      this.#advance(items, last)
    }
  }

  #advance(items: readonly LogItem[], newest: Revision): void {
    if (newest === this.#newest) return
    this.#newest = newest
    for (const { event } of items) this.#counts.apply(event)
    this.#hub.publish(items, newest)
  }
}

function toItem(
  { key, value, seen }: SeenChange,
  outcome: Outcome & { kind: 'committed' },
  at: number,
): LogItem | undefined {
  const effect = outcome.effects[at]
  if (effect === undefined) return undefined
  const { revision } = outcome
  const position = toPosition(revision, at)
  const previous = effect.previous === undefined ? undefined : (seen ?? effect.previous)
  if (value !== undefined) {
    const event: StoreEvent = { type: 'put', key, value, revision }
    if (previous !== undefined) event.previous = previous
    return { position, event }
  }
  return previous && { position, event: { type: 'delete', key, value: previous, previous, revision } }
}
