import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createFairGate, type FairGate, type Leave } from './fair-gate.ts'

const limits = { running: 4, runningOfSubject: 2, waitingOfSubject: 3, longestWait: 60_000 }

/** Asks, and notes when it is let in or refused. */
function visit(gate: FairGate, who: string, log: string[]): Leave {
  let leave: Leave | undefined
  const entered = gate.enter(who)
  const note = (place: Leave | undefined) => {
    log.push(place === undefined ? `no ${who}` : who)
    leave = place
  }
  if (entered instanceof Promise) void entered.then(note)
  else note(entered)
  return () => leave?.()
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('a fair gate', () => {
  it('lets in at once who finds a place', () => {
    const gate = createFairGate(limits)
    assert.equal(typeof gate.enter('a'), 'function')
  })

  it('keeps a place for others from who asks for many, and refuses what is too much', async () => {
    const gate = createFairGate(limits)
    const log: string[] = []
    for (let n = 0; n < 6; n++) visit(gate, 'greedy', log)
    assert.deepEqual(log, ['greedy', 'greedy', 'no greedy'])
    visit(gate, 'modest', log)
    assert.deepEqual(log.at(-1), 'modest')
  })

  it('gives places that become free in turn', async () => {
    const gate = createFairGate({ ...limits, running: 1, waitingOfSubject: 10 })
    const log: string[] = []
    const leaves = ['a', 'a', 'a', 'a', 'b', 'c', 'b'].map((who) => visit(gate, who, log))
    for (let n = 0; n < leaves.length; n++) {
      for (const leave of leaves) leave()
      await settled()
    }
    assert.deepEqual(log, ['a', 'a', 'b', 'c', 'a', 'b', 'a'])
  })

  it('passes over who has all the places that one may have', async () => {
    const gate = createFairGate({ ...limits, running: 3, runningOfSubject: 2, waitingOfSubject: 10 })
    const log: string[] = []
    const first = visit(gate, 'a', log)
    for (const who of ['a', 'a', 'b', 'b']) visit(gate, who, log)
    assert.deepEqual(log, ['a', 'a', 'b'])
    first()
    await settled()
    assert.deepEqual(log, ['a', 'a', 'b', 'a'], 'a came first, and has a place again')
  })

  it('gives a place back once, and keeps nothing of who has left', async () => {
    const gate = createFairGate({ ...limits, running: 1, runningOfSubject: 1 })
    const log: string[] = []
    const leave = visit(gate, 'a', log)
    visit(gate, 'b', log)
    visit(gate, 'c', log)
    leave()
    leave()
    await settled()
    assert.deepEqual(log, ['a', 'b'])
  })

  it('refuses who has waited too long', async () => {
    const gate = createFairGate({ ...limits, running: 1, longestWait: 5 })
    const log: string[] = []
    visit(gate, 'a', log)
    // The gate's own timer keeps no process alive.
    const alive = setInterval(() => undefined, 1000)
    await gate.enter('b')
    clearInterval(alive)
    const waited = await Promise.resolve(gate.enter('c'))
    assert.equal(waited, undefined)
  })

  it('without bounds lets everybody in', () => {
    const gate = createFairGate({ running: 0, runningOfSubject: 0, waitingOfSubject: 0, longestWait: 0 })
    for (let n = 0; n < 1000; n++) assert.equal(typeof gate.enter('a'), 'function')
  })
})
