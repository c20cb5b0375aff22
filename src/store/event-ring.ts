import type { LogItem } from './log-reader.ts'
import type { Position } from './position.ts'

export interface EventRingOptions {
  /** Most events kept. */
  events: number
  /** Most bytes of values kept; the newest event is kept whatever its size. */
  bytes: number
}

/** The newest events, shared by all watchers: every event after `floor` is in it, in order. */
export class EventRing {
  readonly #options: EventRingOptions
  #items: LogItem[] = []
  #start = 0
  #bytes = 0
  #floor: Position

  constructor(floor: Position, options: EventRingOptions) {
    this.#floor = floor
    this.#options = options
  }

  get floor(): Position {
    return this.#floor
  }

  push(item: LogItem): void {
    this.#items.push(item)
    this.#bytes += sizeOf(item)
    while (this.#items.length - this.#start > 1 && this.#isFull()) this.#drop()
  }

  /** The first event after the position whose key begins with the prefix. */
  find(prefix: string, after: Position): LogItem | undefined {
    for (let at = this.#firstAfter(after); at < this.#items.length; at++) {
      const item = this.#items[at]
      if (item?.event.key.startsWith(prefix)) return item
    }
    return undefined
  }

  /** Of the events after the position, those that begin with the prefix. */
  keys(prefix: string, after: Position): string[] {
    const keys: string[] = []
    for (let at = this.#firstAfter(after); at < this.#items.length; at++) {
      const { key } = this.#items[at]!.event
      if (key.startsWith(prefix)) keys.push(key)
    }
    return keys
  }

  #isFull(): boolean {
    return this.#items.length - this.#start > this.#options.events || this.#bytes > this.#options.bytes
  }

  #drop(): void {
    const item = this.#items[this.#start]!
    this.#floor = item.position
    this.#bytes -= sizeOf(item)
    this.#start++
    if (this.#start * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#start)
      this.#start = 0
    }
  }

  #firstAfter(position: Position): number {
    let low = this.#start
    let high = this.#items.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#items[middle]!.position > position) high = middle
      else low = middle + 1
    }
    return low
  }
}

const sizeOf = ({ event }: LogItem) => event.value.length + (event.previous?.length ?? 0)
