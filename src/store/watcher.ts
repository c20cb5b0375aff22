import type { LogItem } from './log-reader.ts'
import { type Position, revisionOf } from './position.ts'
import type { Key, Revision, StoreEvent, WatchOptions } from './store.ts'

/**
 * Where a watcher finds its events; `WatchHub` is it. Too old a position is a CompactedError, or a SlowWatcherError for a
 * watcher that was `live`: caught up once.
 */
export interface EventSource {
  newest(): Revision
  /** The next event under the prefix after the position, when it is still in memory; 'old' when only the disk knows. */
  find(prefix: Key, after: Position, live: boolean): LogItem | undefined | 'old'
  /** Some events after the position from the disk, and how far it looked. */
  read(prefix: Key, after: Position, live: boolean): { items: LogItem[]; end: Position }
  leave(watcher: Watcher): void
}

type Result = IteratorResult<StoreEvent, undefined>

const done: Result = { done: true, value: undefined }

/**
 * One watch. It holds no queue of events, only how far it has come: while it is caught up, the hub tells it of the next
 * event that concerns it, and until then nothing touches it.
 */
export class Watcher implements AsyncIterableIterator<StoreEvent, undefined> {
  readonly prefix: Key
  readonly #source: EventSource
  readonly #options: WatchOptions
  readonly #onAbort = () => this.end()
  /** Every event of the prefix up to here was yielded. */
  #position: Position
  /** Events may be pending after the position; false: there is none, and the hub will tell. */
  #behind = true
  /** It was caught up once: only then is falling behind its reader's fault. */
  #live = false
  #fromDisk: LogItem[] = []
  /** How many wait for an event; each has its turn after the one before. */
  #asking = 0
  #last: Promise<Result> | undefined
  #wake: (() => void) | undefined
  #ended = false
  #reported: Revision

  constructor(source: EventSource, prefix: Key, position: Position, options: WatchOptions) {
    this.#source = source
    this.prefix = prefix
    this.#position = position
    this.#reported = revisionOf(position) - 1
    this.#options = options
    if (options.signal.aborted) this.end()
    else options.signal.addEventListener('abort', this.#onAbort, { once: true })
  }

  get canWait(): boolean {
    return this.#options.canWait ?? false
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<Result> {
    const go = () => this.#next()
    const before = this.#asking++ === 0 ? undefined : this.#last
    this.#last = before === undefined ? this.#next() : before.then(go, go)
    return this.#last
  }

  async return(): Promise<Result> {
    this.end()
    return done
  }

  /** The hub has an event for this watcher. */
  notify(item: LogItem): void {
    if (this.#behind) return
    this.#behind = true
    this.#position = Math.max(this.#position, item.position - 1)
    this.#wake?.()
  }

  /** The newest revision has moved on; nothing up to it concerns this watcher if it waits. */
  report(): void {
    const newest = this.#source.newest()
    if (this.#behind || this.#wake === undefined || newest <= this.#reported) return
    this.#reported = newest
    this.#options.onProgress?.(newest)
  }

  end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#options.signal.removeEventListener('abort', this.#onAbort)
    this.#source.leave(this)
    this.#fromDisk = []
    this.#wake?.()
  }

  async #next(): Promise<Result> {
    try {
      while (!this.#ended) {
        const item = this.#take()
        // A long replay leaves the event loop its turns.
        if (item === 'look again') await nextTurn()
        else if (item !== undefined) return { done: false, value: item.event }
        else await this.#wait()
      }
      return done
    } catch (error) {
      this.end()
      throw error
    } finally {
      this.#asking--
    }
  }

  async #wait(): Promise<void> {
    const woken = new Promise<void>((resolve) => {
      this.#wake = resolve
    })
    this.report()
    await woken
    this.#wake = undefined
  }

  /** The next event; undefined when there is none yet; 'look again' when a part of the log was read. */
  #take(): LogItem | undefined | 'look again' {
    const read = this.#fromDisk.shift()
    if (read !== undefined) {
      this.#position = read.position
      return read
    }
    if (!this.#behind) return undefined
    const item = this.#source.find(this.prefix, this.#position, this.#live)
    if (item === 'old') return this.#read()
    if (item !== undefined) this.#position = item.position
    // Looks ahead, so that events that don't concern this watcher can't make it lag.
    this.#behind =
      item !== undefined && this.#source.find(this.prefix, item.position, this.#live) !== undefined
    this.#live ||= !this.#behind
    return item
  }

  #read(): 'look again' {
    const { items, end } = this.#source.read(this.prefix, this.#position, this.#live)
    this.#fromDisk = items
    if (items.length === 0) this.#position = end
    return 'look again'
  }
}

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve))
