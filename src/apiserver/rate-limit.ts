import { LRUCache } from 'lru-cache'

export interface RateLimit {
  /** 0 when the request may go on; otherwise milliseconds after which it may. */
  take(who: string): number
}

const mostSubjects = 10_000

/** So many a second for each who come, twice as many in a burst; 0: any number. `now` in milliseconds, of a clock that does not go back. */
export function createRateLimit(perSecond: number, now: () => number): RateLimit {
  if (perSecond === 0) return { take: () => 0 }
  const burst = 2 * perSecond
  const buckets = new LRUCache<string, { left: number; at: number }>({ max: mostSubjects })
  return {
    take(who) {
      const at = now()
      const before = buckets.get(who) ?? { left: burst, at }
      const left = Math.min(burst, before.left + ((at - before.at) * perSecond) / 1000)
      const isFree = left >= 1
      buckets.set(who, { left: isFree ? left - 1 : left, at })
      return isFree ? 0 : Math.ceil(((1 - left) * 1000) / perSecond)
    },
  }
}
