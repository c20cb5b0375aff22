import { LRUCache } from 'lru-cache'

export interface AttemptLimits {
  /** Failures of one name from one address. */
  perName: number
  /** Failures from one address. */
  perAddress: number
  /** Seconds after which failures are forgotten, counted from the first. */
  window: number
}

/** `address` '' where it is not known: then names alone are counted. */
export interface AttemptLimiter {
  /** Seconds to wait before the next attempt; 0 when it may be made now. */
  wait(address: string, userName: string): number
  failed(address: string, userName: string): void
  succeeded(address: string, userName: string): void
}

const usual: AttemptLimits = { perName: 10, perAddress: 50, window: 300 }

interface Count {
  failures: number
  since: number
}

/**
 * Slows down who guesses passwords. What it remembers is bounded; a stranger cannot lock a user out from other
 * addresses.
 */
export function createAttemptLimiter(now: () => Date, limits: AttemptLimits = usual): AttemptLimiter {
  const counts = new LRUCache<string, Count>({ max: 50_000 })
  const nameKey = (address: string, userName: string) => JSON.stringify([address, userName])

  const left = (key: string, allowed: number): number => {
    const count = counts.get(key)
    if (count === undefined || count.failures < allowed) return 0
    const rest = count.since + limits.window * 1000 - now().getTime()
    return rest <= 0 ? 0 : Math.ceil(rest / 1000)
  }
  const add = (key: string): void => {
    const time = now().getTime()
    const before = counts.get(key)
    const isOld = before === undefined || before.since + limits.window * 1000 <= time
    counts.set(key, isOld ? { failures: 1, since: time } : { ...before, failures: before.failures + 1 })
  }

  return {
    wait: (address, userName) =>
      Math.max(
        left(nameKey(address, userName), limits.perName),
        address === '' ? 0 : left(address, limits.perAddress),
      ),
    failed(address, userName) {
      add(nameKey(address, userName))
      if (address !== '') add(address)
    },
    succeeded(address, userName) {
      counts.delete(nameKey(address, userName))
    },
  }
}
