/** Bounds on how many requests are under way. 0: no bound. */
export interface GateLimits {
  /** Of all together. */
  running: number
  runningOfSubject: number
  /** Those of one subject that wait for a place; more are refused. */
  waitingOfSubject: number
  /** Milliseconds that one waits before it is refused. */
  longestWait: number
}

export type Leave = () => void

/**
 * Lets so many in, and so many of each who come; the others wait. A place that becomes free goes to those who wait in turn, one
 * request each, however many somebody has waiting.
 */
export interface FairGate {
  /** What gives the place back, at once where there is one; a promise of it otherwise, of undefined when it is refused. */
  enter(who: string): Leave | undefined | Promise<Leave | undefined>
}

interface Party {
  running: number
  waiting: Set<(leave: Leave | undefined) => void>
}

const within = (count: number, limit: number): boolean => limit === 0 || count < limit

export function createFairGate(limits: GateLimits): FairGate {
  const parties = new Map<string, Party>()
  /** Those with requests that wait, in the order of their turns. */
  const line = new Set<string>()
  let running = 0

  function partyOf(who: string): Party {
    const known = parties.get(who)
    if (known !== undefined) return known
    const party: Party = { running: 0, waiting: new Set() }
    parties.set(who, party)
    return party
  }

  const hasPlace = (party: Party): boolean =>
    within(running, limits.running) && within(party.running, limits.runningOfSubject)

  function admit(who: string, party: Party): Leave {
    running++
    party.running++
    let isIn = true
    return () => {
      if (!isIn) return
      isIn = false
      running--
      party.running--
      forget(who, party)
      callNext()
    }
  }

  function forget(who: string, party: Party): void {
    if (party.waiting.size === 0) line.delete(who)
    if (party.running === 0 && party.waiting.size === 0) parties.delete(who)
  }

  function callNext(): void {
    for (const who of line) {
      if (!within(running, limits.running)) return
      const party = partyOf(who)
      if (!hasPlace(party)) continue
      const [first] = party.waiting
      // To the end of the line, or out of it.
      line.delete(who)
      first?.(admit(who, party))
      if (party.waiting.size > 0) line.add(who)
    }
  }

  function wait(who: string, party: Party): Promise<Leave | undefined> {
    return new Promise((resolve) => {
      const settle = (leave: Leave | undefined): void => {
        clearTimeout(timer)
        party.waiting.delete(settle)
        forget(who, party)
        resolve(leave)
      }
      const timer = setTimeout(() => settle(undefined), limits.longestWait)
      timer.unref()
      party.waiting.add(settle)
      line.add(who)
    })
  }

  return {
    enter(who) {
      const party = partyOf(who)
      if (party.waiting.size === 0 && hasPlace(party)) return admit(who, party)
      if (party.waiting.size < limits.waitingOfSubject) return wait(who, party)
      forget(who, party)
      return undefined
    },
  }
}
