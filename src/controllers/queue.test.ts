import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createQueue } from './queue.ts'

describe('queue', () => {
  it('holds a waiting key once', async () => {
    const queue = createQueue()
    queue.add('a')
    queue.add('a')
    queue.add('b')
    assert.equal(queue.length, 2)
    assert.equal(await queue.take(), 'a')
    assert.equal(await queue.take(), 'b')
    queue.close()
  })

  it('brings a key again that was added while it was worked on, and never twice at once', async () => {
    const queue = createQueue()
    queue.add('a')
    assert.equal(await queue.take(), 'a')
    queue.add('a')
    queue.add('a')
    assert.equal(queue.length, 0)
    queue.done('a')
    assert.equal(await queue.take(), 'a')
    queue.done('a')
    assert.equal(queue.length, 0)
    queue.close()
  })

  it('hands a key to who waits for one, and undefined once closed', async () => {
    const queue = createQueue()
    const first = queue.take()
    const second = queue.take()
    queue.add('a')
    assert.equal(await first, 'a')
    queue.close()
    assert.equal(await second, undefined)
    assert.equal(await queue.take(), undefined)
  })

  it('waits longer after each failure, until the key is forgotten', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const queue = createQueue({ minBackoff: 10, maxBackoff: 30 })
    const delays: number[] = []
    for (let round = 0; round < 4; round++) {
      queue.retry('a')
      let waited = 0
      while (queue.length === 0) {
        t.mock.timers.tick(1)
        waited++
      }
      delays.push(waited)
      queue.done((await queue.take()) as string)
    }
    assert.deepEqual(delays, [10, 20, 30, 30])
    queue.forget('a')
    queue.retry('a')
    t.mock.timers.tick(10)
    assert.equal(queue.length, 1)
    queue.close()
  })

  it('keeps the earlier of two times', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const queue = createQueue()
    queue.addAfter('a', 100)
    queue.addAfter('a', 10)
    queue.addAfter('a', 1000)
    t.mock.timers.tick(10)
    assert.equal(queue.length, 1)
    queue.close()
  })

  it('lets keys that can wait be overtaken, but not for ever', async () => {
    const queue = createQueue()
    for (const key of ['x', 'y', 'z']) queue.addPatient(key)
    for (let n = 1; n <= 9; n++) queue.add(`now${n}`)
    queue.add('z')
    queue.addPatient('now1')
    assert.equal(queue.length, 12)
    const taken: string[] = []
    while (queue.length > 0) taken.push((await queue.take()) as string)
    const inTime = [1, 2, 3, 4, 5, 6, 7].map((n) => `now${n}`)
    assert.deepEqual(taken, [...inTime, 'x', 'now8', 'now9', 'z', 'y'])
    queue.close()
  })
})
