/** Hands out turns so that no more than so many are taken in a minute, each key's turn reserved once. */
export interface ImportPace {
  /** 0 when it is the key's turn, which is then used up; else how long to wait before asking again, in milliseconds. */
  take(key: string): number
}

/**
 * `perMinute` turns, twice as many at once after a quiet time (import.md §8); < 0: any number. `now` in milliseconds of any
 * clock that only goes forward.
 */
export function createImportPace(perMinute: number, now: () => number): ImportPace {
  if (perMinute < 0) return { take: () => 0 }
  const gap = 60_000 / Math.max(1, perMinute)
  const credit = gap * (2 * Math.max(1, perMinute) - 1)
  const reserved = new Map<string, number>()
  let nextTurn = Number.NEGATIVE_INFINITY
  return {
    take(key) {
      const at = now()
      const own = reserved.get(key)
      if (own !== undefined && own > at) return own - at
      if (own !== undefined) {
        reserved.delete(key)
        return 0
      }
      // Turns of a quiet time are kept, up to the burst.
      const turn = Math.max(nextTurn, at - credit)
      nextTurn = turn + gap
      if (turn <= at) return 0
      reserved.set(key, turn)
      return turn - at
    },
  }
}
