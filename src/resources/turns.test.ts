import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createTurns } from './turns.ts'

/** An event loop that turns by hand. */
function createLoop() {
  const steps: (() => void)[] = []
  return {
    later: (step: () => void) => void steps.push(step),
    async turn() {
      steps.shift()?.()
      await new Promise((resolve) => setImmediate(resolve))
    },
  }
}

describe('turns', () => {
  it('gives one step a turn, to each who waits in their order', async () => {
    const loop = createLoop()
    const turns = createTurns(loop.later)
    const done: string[] = []
    for (const step of ['a1', 'a2', 'a3', 'b1', 'c1', 'b2']) {
      void turns.next(step.slice(0, 1)).then(() => done.push(step))
    }
    const expected = ['a1', 'b1', 'c1', 'a2', 'b2', 'a3']
    for (let turn = 0; turn < expected.length; turn++) {
      assert.deepEqual(done, expected.slice(0, turn))
      await loop.turn()
    }
    assert.deepEqual(done, expected)
  })

  it('starts again after it had nothing to do', async () => {
    const turns = createTurns()
    await turns.next('a')
    await new Promise((resolve) => setImmediate(resolve))
    await turns.next('a')
  })
})
