import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'

/** Awaited between small pieces of long work; throws the signal's reason. */
export type Breathe = () => Promise<void>

/** Milliseconds of work between two breaths. */
const slice = 4
/** Of so many breaths one looks whether anybody else has work, for so many milliseconds; the others give them a turn. */
const glances = { every: 5, milliseconds: 1 }
/** Under load the work takes one part in so many. */
const share = 24
/** What took longer than so many milliseconds mostly waited: for the disk, or for others' turns of the loop. */
const longest = 2 * slice
/** Somebody else has work where the event loop is busy for more than this part of a pause. */
const busy = 0.25
/** What a glance saw counts for less with each one after it; a pause sees for itself. */
const memory = 0.8

/**
 * Keeps long work in the background: when nobody else needs the event loop it goes on nearly at once, when somebody does it takes a
 * small part of the time, in pieces so short that nobody notices. Nothing of its own may be under way when it breathes. How long a turn of
 * the loop takes would not tell: one that is busy with a thousand small requests has short turns.
 */
export function createPacer(signal: AbortSignal): Breathe {
  let began = performance.now()
  let load = 0
  let breaths = 0

  async function pause(milliseconds: number): Promise<void> {
    const before = performance.eventLoopUtilization()
    await sleep(milliseconds)
    const { utilization } = performance.eventLoopUtilization(before)
    // A collection of garbage is enough to fill a glance.
    load = milliseconds > glances.milliseconds ? utilization : Math.max(load * memory, utilization)
  }

  return async () => {
    signal.throwIfAborted()
    const worked = performance.now() - began
    if (worked < slice) return
    if (load <= busy) {
      if (breaths++ % glances.every === 0) await pause(glances.milliseconds)
      else await nextTurn()
    }
    if (load > busy) await pause(Math.min(worked, longest) * (share - 1))
    signal.throwIfAborted()
    began = performance.now()
  }
}
