/** Counts what is soon over, so that long work can step aside while there is any. */
export interface ShortWork {
  /** One piece begins; what is returned ends it. */
  begin(): () => void
  /** Calls once no such work is under way, but after `patience` whatever is: never at once. */
  after(step: () => void): void
}

/** `patience`: milliseconds that a step waits at most, so that a server that is always busy still gets on with long work. */
export function createShortWork(patience: number): ShortWork {
  const waiting = new Set<() => void>()
  let underWay = 0

  function end(): void {
    underWay--
    if (underWay > 0) return
    const steps = [...waiting]
    waiting.clear()
    for (const step of steps) step()
  }

  function wait(step: () => void, until: number): void {
    setImmediate(() => {
      const left = until - performance.now()
      if (underWay === 0 || left <= 0) step()
      else waitForEnd(step, until, left)
    })
  }

  /** The end of the work that is under way, or of the patience. */
  function waitForEnd(step: () => void, until: number, left: number): void {
    const timer = setTimeout(() => {
      waiting.delete(goOn)
      step()
    }, left)
    const goOn = () => {
      clearTimeout(timer)
      // The answer goes out first, and what the client asks next may be there already.
      wait(step, until)
    }
    waiting.add(goOn)
  }

  return {
    begin() {
      underWay++
      let isOver = false
      return () => {
        if (!isOver) end()
        isOver = true
      }
    },
    after: (step) => wait(step, performance.now() + patience),
  }
}
