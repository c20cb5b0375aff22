/**
 * The log that everything is built on. A write names the revision that it saw; a watch starts at a revision and misses
 * nothing after it (design.md §2.5, style.md habit 8). `resourceVersion` is the revision.
 */

/** Position in the log: positive, grows by at least one with each commit, shared by all keys. 0 is "before everything". */
export type Revision = number

/** Path by resource, e.g. `image.openshift.io/imagestreams/demo/app`; ordered by UTF-8 bytes. */
export type Key = string

export interface Entry {
  key: Key
  value: Uint8Array
  /** Revision of the commit that wrote this value. */
  revision: Revision
  /** Revision of the commit that made the key, after its last deletion. */
  created: Revision
}

export interface Change {
  key: Key
  /** undefined deletes. */
  value: Uint8Array | undefined
  /** The revision that the writer saw, 'absent' when it saw none, 'any' when it does not matter. */
  expect: Revision | 'absent' | 'any'
}

export interface Page {
  /** Only keys after this one. */
  after?: Key
  /** At most so many; absent: all. */
  limit?: number
  /** The state at this revision; absent: the newest. CompactedError, FutureRevisionError. */
  revision?: Revision
  /** 'any': whoever asks wants to know whether there is more, not how much; absent: counted. */
  remaining?: 'any'
}

export interface Snapshot {
  entries: Entry[]
  /** The revision that the entries hold at. */
  revision: Revision
  /** How many keys under the prefix come after the last entry; of `any`, 1 where there may be some. */
  remaining: number
}

export interface StoreEvent {
  type: 'put' | 'delete'
  key: Key
  /** The new value; for a delete, the last value before it. */
  value: Uint8Array
  /** The value before this event; absent when the key was absent. */
  previous?: Uint8Array
  revision: Revision
}

export interface WatchOptions {
  signal: AbortSignal
  /** Hears of an event a turn of the event loop later, so that those who can't wait have theirs. */
  canWait?: boolean
  /** Called with a revision such that every event up to it has been yielded: for bookmarks. */
  onProgress?(revision: Revision): void
}

export interface Store extends AsyncDisposable {
  /** The newest acknowledged revision. */
  revision(): Revision
  /** Everything at or below this revision may be gone from the log (watches and old snapshots). */
  compacted(): Revision
  get(key: Key): Promise<Entry | undefined>
  /** Entries of the keys, in their order, all at one revision. */
  getMany(keys: readonly Key[]): Promise<(Entry | undefined)[]>
  /**
   * All changes or none, as one revision, durable when it resolves.
   * StoreConflictError names the first change whose expectation failed; then nothing was written.
   * No changes: resolves to the newest revision and writes nothing.
   */
  commit(changes: readonly Change[]): Promise<Revision>
  /** Their values are made for whoever asks: nobody else has them. */
  list(prefix: Key, page?: Page): Promise<Snapshot>
  /**
   * The keys under the prefix that were written or deleted after the revision, some of them twice; undefined where that is no longer in
   * memory. Answered at once: what was read at `after` and is not among them is as it is at `revision()`.
   */
  changed(prefix: Key, after: Revision): Key[] | undefined
  /**
   * Events of keys under the prefix with revision > `after`, each once, in order of revision (within one commit: in the
   * order of its changes); ends when the signal aborts. CompactedError when `after` < compacted();
   * SlowWatcherError when the reader falls further behind than the engine keeps for it.
   */
  watch(prefix: Key, after: Revision, options: WatchOptions): AsyncIterable<StoreEvent>
  /** Forgets history up to the revision; what is current stays. */
  compact(revision: Revision): Promise<void>
}

export class StoreConflictError extends Error {
  override readonly name = 'StoreConflictError'
  readonly key: Key
  /** What is there instead; undefined when absent. */
  readonly current: Revision | undefined
  constructor(key: Key, current: Revision | undefined) {
    super(`${key} is at revision ${current ?? 'none'}`)
    this.key = key
    this.current = current
  }
}

export class CompactedError extends Error {
  override readonly name = 'CompactedError'
  readonly asked: Revision
  readonly oldest: Revision
  constructor(asked: Revision, oldest: Revision) {
    super(`revision ${asked} is gone; the oldest kept is ${oldest}`)
    this.asked = asked
    this.oldest = oldest
  }
}

export class FutureRevisionError extends Error {
  override readonly name = 'FutureRevisionError'
  readonly asked: Revision
  readonly newest: Revision
  constructor(asked: Revision, newest: Revision) {
    super(`revision ${asked} has not happened; the newest is ${newest}`)
    this.asked = asked
    this.newest = newest
  }
}

export class SlowWatcherError extends Error {
  override readonly name = 'SlowWatcherError'
}
