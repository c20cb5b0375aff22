import { LRUCache } from 'lru-cache'
import { PrefixIndex } from './prefix-index.ts'
import type { Key, StoreEvent } from './store.ts'

interface Counter {
  prefix: Key
  keys: number
}

/**
 * How many keys there are under the prefixes that were asked for last. Events keep the numbers right, so that only the
 * first question about a prefix counts.
 */
export class KeyCounts {
  readonly #index = new PrefixIndex<Counter>()
  readonly #counters = new LRUCache<Key, Counter>({
    max: 2000,
    dispose: (counter) => this.#index.remove(counter.prefix, counter),
  })

  /** `count` says how many there are now. */
  get(prefix: Key, count: () => number): number {
    const known = this.#counters.get(prefix)
    if (known !== undefined) return known.keys
    const counter = { prefix, keys: count() }
    this.#counters.set(prefix, counter)
    this.#index.add(prefix, counter)
    return counter.keys
  }

  /** How many there are, where that is known. */
  peek(prefix: Key): number | undefined {
    return this.#counters.get(prefix)?.keys
  }

  apply({ type, key, previous }: StoreEvent): void {
    const more = type === 'delete' ? -1 : previous === undefined ? 1 : 0
    if (more === 0) return
    for (const counter of this.#index.matching(key)) counter.keys += more
  }
}
