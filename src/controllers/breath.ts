import { setImmediate } from 'node:timers/promises'

/** Milliseconds of work at a stretch. */
const stretch = 10

/**
 * For loops whose awaits may all be answered at once: resolves right away for a while, then after everybody else who waits for the
 * event loop has had a turn.
 */
export function createBreath(): () => Promise<void> {
  let until = performance.now() + stretch
  let pause: Promise<void> | undefined
  return async () => {
    if (performance.now() < until) return
    pause ??= setImmediate().then(() => {
      until = performance.now() + stretch
      pause = undefined
    })
    await pause
  }
}
