/** Bounds on how many requests are served at once (registry.md B-9). 0 running: no bound; 0 wait: for ever. */
export interface RequestLimits {
  maxRunning: number
  maxInQueue: number
  /** Milliseconds. */
  maxWaitInQueue: number
}

export interface RequestLimiter {
  /** Resolves to what gives the place back, or to undefined when there is none to be had. */
  enter(): Promise<(() => void) | undefined>
}

interface Waiting {
  admit(): void
}

export function createRequestLimiter({
  maxRunning,
  maxInQueue,
  maxWaitInQueue,
}: RequestLimits): RequestLimiter {
  let running = 0
  const queue = new Set<Waiting>()

  function leave(): void {
    const [next] = queue
    if (next === undefined) running--
    else next.admit()
  }

  /** Each place is given back once, however often it is asked for. */
  function place(): () => void {
    let isHeld = true
    return () => {
      if (isHeld) leave()
      isHeld = false
    }
  }

  function wait(): Promise<(() => void) | undefined> {
    return new Promise((resolve) => {
      const settle = (result: (() => void) | undefined): void => {
        clearTimeout(timer)
        queue.delete(waiting)
        resolve(result)
      }
      const waiting: Waiting = { admit: () => settle(place()) }
      const timer = maxWaitInQueue === 0 ? undefined : setTimeout(() => settle(undefined), maxWaitInQueue)
      queue.add(waiting)
    })
  }

  return {
    async enter() {
      if (maxRunning === 0) return () => undefined
      if (running < maxRunning) {
        running++
        return place()
      }
      return queue.size < maxInQueue ? wait() : undefined
    },
  }
}
