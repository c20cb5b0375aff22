import type { ObjectKey } from './reconcile.ts'

/**
 * Keys waiting for work. A key that waits is not added twice; one that is added while it is worked on comes again
 * afterwards. Failures of a key wait longer each time, up to `maxBackoff`. Keys that can wait let the others go first, but for
 * every eighth turn, so that they come to an end too.
 */
export interface Queue {
  add(key: ObjectKey): void
  /** For a key that can wait. */
  addPatient(key: ObjectKey): void
  /** As one that can wait, after so many milliseconds; an earlier add wins. */
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

/** Each so manieth key taken is one that can wait, if there is one. */
const patientTurn = 8

export function createQueue(options: { minBackoff?: number; maxBackoff?: number } = {}): Queue {
  const { minBackoff = 50, maxBackoff = 60_000 } = options
  const waiting = new Set<ObjectKey>()
  const patient = new Set<ObjectKey>()
  const working = new Set<ObjectKey>()
  const again = new Set<ObjectKey>()
  const timers = new Map<ObjectKey, { at: number; timer: NodeJS.Timeout }>()
  const failures = new Map<ObjectKey, number>()
  const takers: ((key: ObjectKey | undefined) => void)[] = []
  let closed = false
  let turn = 0

  const start = (key: ObjectKey): ObjectKey => {
    working.add(key)
    return key
  }

  const addTo = (line: Set<ObjectKey>, key: ObjectKey) => {
    if (closed) return
    clearTimer(key)
    if (working.has(key)) {
      again.add(key)
      return
    }
    const taker = takers.shift()
    if (taker !== undefined) taker(start(key))
    else if (!waiting.has(key)) {
      if (line === waiting) patient.delete(key)
      line.add(key)
    }
  }
  const add = (key: ObjectKey) => addTo(waiting, key)
  const addPatient = (key: ObjectKey) => addTo(patient, key)

  const next = (): ObjectKey | undefined => {
    const lines = ++turn % patientTurn === 0 ? [patient, waiting] : [waiting, patient]
    for (const line of lines) {
      for (const key of line) {
        line.delete(key)
        return key
      }
    }
    return undefined
  }

  const clearTimer = (key: ObjectKey) => {
    clearTimeout(timers.get(key)?.timer)
    timers.delete(key)
  }

  const addAfter = (key: ObjectKey, after: number) => {
    if (closed) return
    if (after <= 0) return addPatient(key)
    const at = performance.now() + after
    const pending = timers.get(key)
    if (pending !== undefined && pending.at <= at) return
    clearTimer(key)
    const timer = setTimeout(() => addPatient(key), Math.min(after, 2 ** 31 - 1))
    timer.unref()
    timers.set(key, { at, timer })
  }

  return {
    add,
    addPatient,
    addAfter,
    retry(key) {
      const count = failures.get(key) ?? 0
      failures.set(key, count + 1)
      addAfter(key, Math.min(minBackoff * 2 ** count, maxBackoff))
    },
    forget: (key) => void failures.delete(key),
    take() {
      if (closed) return Promise.resolve(undefined)
      const key = next()
      if (key === undefined) return new Promise((resolve) => takers.push(resolve))
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
      patient.clear()
      for (const taker of takers.splice(0)) taker(undefined)
    },
    get length() {
      return waiting.size + patient.size
    },
  }
}
