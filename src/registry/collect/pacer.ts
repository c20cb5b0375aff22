import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'

/** Awaited between small pieces of long work; throws the signal's reason. */
export type Breathe = () => Promise<void>

/** Milliseconds of work between two breaths. */
const slice = 4
/** Milliseconds that a turn of the event loop takes when nobody else has work. */
const idleTurn = 1
/** Under load the work takes one part in so many. */
const share = 8

/**
 * Keeps long work in the background: when nobody else needs the event loop it goes on at once, when somebody does it takes a
 * small part of the time, in pieces so short that nobody notices.
 */
export function createPacer(signal: AbortSignal): Breathe {
  let began = performance.now()
  return async () => {
    signal.throwIfAborted()
    const worked = performance.now() - began
    if (worked < slice) return
    const paused = performance.now()
    await nextTurn()
    if (performance.now() - paused > idleTurn) await sleep(worked * (share - 1), undefined, { ref: false })
    signal.throwIfAborted()
    began = performance.now()
  }
}
