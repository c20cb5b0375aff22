/**
 * Long work in steps, so that short work goes on in between: one step a turn of the event loop, whoever has one to do, and each
 * of those who ask in their order, however many steps one of them has waiting.
 */
export interface Turns {
  /** Resolves when the next step of `who` may be done. */
  next(who: string): Promise<void>
}

export function createTurns(later: (step: () => void) => void = setImmediate): Turns {
  /** Who waits, in the order of their turns, each with their steps. */
  const waiting = new Map<string, (() => void)[]>()
  let isRunning = false

  function take(): void {
    const [first] = waiting
    if (first === undefined) {
      isRunning = false
      return
    }
    const [who, steps] = first
    const step = steps.shift()
    // To the end of the line, or out of it.
    waiting.delete(who)
    if (steps.length > 0) waiting.set(who, steps)
    step?.()
    later(take)
  }

  return {
    next: (who) =>
      new Promise((resolve) => {
        const steps = waiting.get(who)
        if (steps === undefined) waiting.set(who, [resolve])
        else steps.push(resolve)
        if (isRunning) return
        isRunning = true
        later(take)
      }),
  }
}
