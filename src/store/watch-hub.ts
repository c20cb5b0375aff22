import { EventRing, type EventRingOptions } from './event-ring.ts'
import { rangeOf } from './key-range.ts'
import type { LogItem, LogReader } from './log-reader.ts'
import { endOf, type Position, revisionOf } from './position.ts'
import { PrefixIndex } from './prefix-index.ts'
import { CompactedError, type Key, type Revision, SlowWatcherError, type WatchOptions } from './store.ts'
import { type EventSource, Watcher } from './watcher.ts'

export interface WatchHubOptions extends EventRingOptions {
  /** How many revisions a watcher that was once caught up may fall behind before it gets a SlowWatcherError. */
  lag: number
  /** How often waiting watchers hear of revisions that don't concern them, in milliseconds. */
  progressMs: number
}

/** A part of the log that is searched in one go: it bounds how long the event loop waits. */
const step = { revisions: 2000, events: 256, bytes: 8 << 20 }

/** Carries the log to the watchers. An append costs what the watchers that it concerns cost, however many others wait. */
export class WatchHub implements EventSource {
  readonly #reader: LogReader
  readonly #options: WatchHubOptions
  readonly #ring: EventRing
  readonly #watchers = new PrefixIndex<Watcher>()
  #newest: Revision
  #compacted: Revision
  #timer: NodeJS.Timeout | undefined
  #reported: Revision

  constructor(reader: LogReader, newest: Revision, compacted: Revision, options: WatchHubOptions) {
    this.#reader = reader
    this.#options = options
    this.#newest = newest
    this.#compacted = compacted
    this.#reported = newest
    this.#ring = new EventRing(endOf(newest), options)
  }

  watch(prefix: Key, after: Revision, options: WatchOptions): Watcher {
    const watcher = new Watcher(this, prefix, endOf(after), options)
    if (options.signal.aborted) return watcher
    this.#watchers.add(prefix, watcher)
    this.#timer ??= setInterval(() => this.#report(), this.#options.progressMs).unref()
    return watcher
  }

  /** The log has these events up to the revision. */
  publish(items: readonly LogItem[], newest: Revision): void {
    this.#newest = newest
    for (const item of items) this.#ring.push(item)
    const later: (() => void)[] = []
    for (const item of items) {
      for (const watcher of this.#watchers.matching(item.event.key)) {
        if (watcher.canWait) later.push(() => watcher.notify(item))
        else watcher.notify(item)
      }
    }
    if (later.length > 0) setImmediate(() => later.forEach((tell) => void tell()))
  }

  /** Keys that changed after the revision; undefined when the ring no longer has all of them. */
  changed(prefix: Key, after: Revision): Key[] | undefined {
    return endOf(after) < this.#ring.floor ? undefined : this.#ring.keys(prefix, endOf(after))
  }

  forget(compacted: Revision): void {
    this.#compacted = compacted
  }

  newest(): Revision {
    return this.#newest
  }

  find(prefix: Key, after: Position, live: boolean): LogItem | undefined | 'old' {
    if (!live) this.#checkKept(after, live)
    return after < this.#ring.floor ? 'old' : this.#ring.find(prefix, after)
  }

  read(prefix: Key, after: Position, live: boolean): { items: LogItem[]; end: Position } {
    this.#checkKept(after, live)
    const revision = revisionOf(after)
    const range = rangeOf(prefix)
    const end = Math.min(endOf(revision + step.revisions), endOf(this.#newest))
    return range === undefined
      ? { items: [], end }
      : this.#reader.events(range, after, end, step.bytes, step.events)
  }

  leave(watcher: Watcher): void {
    this.#watchers.remove(watcher.prefix, watcher)
  }

  /** Ends every watch. */
  close(): void {
    clearInterval(this.#timer)
    for (const watcher of [...this.#watchers.all()]) watcher.end()
  }

  #checkKept(after: Position, live: boolean): void {
    const revision = revisionOf(after)
    const behind = this.#newest - revision
    const gone = after < endOf(this.#compacted)
    if (gone && !live) throw new CompactedError(revision, this.#compacted)
    if (live && (gone || behind > this.#options.lag)) {
      throw new SlowWatcherError(`the reader is ${behind} revisions behind`)
    }
  }

  #report(): void {
    if (this.#reported === this.#newest) return
    this.#reported = this.#newest
    for (const watcher of this.#watchers.all()) watcher.report()
  }
}
