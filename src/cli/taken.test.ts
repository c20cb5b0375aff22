import assert from 'node:assert/strict'
import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { it } from 'node:test'
import { takenBy } from './taken.ts'

it('whoever waits for a slow reader goes on when it has caught up, by one listener', async () => {
  const stream = new PassThrough({ highWaterMark: 100 })
  const taken = takenBy(stream)
  assert.equal(taken(), undefined)
  for (let round = 0; round < 3; round++) {
    stream.write('x'.repeat(200))
    const waiting = Array.from({ length: 64 }, () => taken())
    assert(waiting.every((one) => one instanceof Promise))
    assert.deepEqual([stream.listenerCount('drain'), stream.listenerCount('error')], [1, 1])
    assert.equal(String(stream.read()), 'x'.repeat(200))
    await Promise.all(waiting)
    assert.deepEqual([taken(), stream.listenerCount('drain')], [undefined, 0])
  }
})

it('whoever waits for a reader that is gone is told', async () => {
  const stream = new PassThrough({ highWaterMark: 1 })
  const taken = takenBy(stream)
  stream.write('xy')
  const waiting = [taken(), taken()]
  const closed = once(stream, 'close')
  stream.destroy(new Error('gone'))
  for (const one of waiting) await assert.rejects(one ?? Promise.resolve(), /gone/)
  await closed.catch(() => {})
})
