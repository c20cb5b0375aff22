import type { ObjectKey } from './reconcile.ts'

/**
 * Keys waiting for work. A key that waits is not added twice; one that is added while it is worked on comes again
 * afterwards. Failures of a key wait longer each time, up to `maxBackoff`.
 */
export interface Queue {
  add(key: ObjectKey): void
  /** After so many milliseconds; an earlier add wins. */
  addAfter(key: ObjectKey, after: number): void
  /** After a delay that doubles with each failure since the last `forget`. */
  retry(key: ObjectKey): void
  forget(key: ObjectKey): void
  /** The next key, once there is one; undefined when closed. */
  take(): Promise<ObjectKey | undefined>
  /** The taken key's work is over. */
  done(key: ObjectKey): void
  close(): void
  readonly length: number
}

export function createQueue(options: { minBackoff?: number; maxBackoff?: number } = {}): Queue {
  const { minBackoff = 50, maxBackoff = 60_000 } = options
  const waiting = new Set<ObjectKey>()
  const working = new Set<ObjectKey>()
  const again = new Set<ObjectKey>()
  const timers = new Map<ObjectKey, { at: number; timer: NodeJS.Timeout }>()
  const failures = new Map<ObjectKey, number>()
  const takers: ((key: ObjectKey | undefined) => void)[] = []
  let closed = false

  const start = (key: ObjectKey): ObjectKey => {
    working.add(key)
    return key
  }

  const add = (key: ObjectKey) => {
    if (closed) return
    clearTimer(key)
    if (working.has(key)) {
      again.add(key)
      return
    }
    const taker = takers.shift()
    if (taker === undefined) waiting.add(key)
    else taker(start(key))
  }

  const clearTimer = (key: ObjectKey) => {
    clearTimeout(timers.get(key)?.timer)
    timers.delete(key)
  }

  const addAfter = (key: ObjectKey, after: number) => {
    if (closed) return
    if (after <= 0) return add(key)
    const at = performance.now() + after
    const pending = timers.get(key)
    if (pending !== undefined && pending.at <= at) return
    clearTimer(key)
    const timer = setTimeout(() => add(key), Math.min(after, 2 ** 31 - 1))
    timer.unref()
    timers.set(key, { at, timer })
  }

  return {
    add,
    addAfter,
    retry(key) {
      const count = failures.get(key) ?? 0
      failures.set(key, count + 1)
      addAfter(key, Math.min(minBackoff * 2 ** count, maxBackoff))
    },
    forget: (key) => void failures.delete(key),
    take() {
      if (closed) return Promise.resolve(undefined)
      const [key] = waiting
      if (key === undefined) return new Promise((resolve) => takers.push(resolve))
      waiting.delete(key)
      return Promise.resolve(start(key))
    },
    done(key) {
      working.delete(key)
      if (again.delete(key)) add(key)
    },
    close() {
      closed = true
      for (const key of timers.keys()) clearTimer(key)
      waiting.clear()
      for (const taker of takers.splice(0)) taker(undefined)
    },
    get length() {
      return waiting.size
    },
  }
}
