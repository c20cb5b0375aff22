import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { oneKey } from './one-key.ts'

describe('oneKey()', () => {
  it('speaks once, and ends with the signal only', async () => {
    const stopping = new AbortController()
    const keys = oneKey(stopping.signal)[Symbol.asyncIterator]()
    assert.deepEqual(await keys.next(), { value: 'all', done: false })
    const next = keys.next()
    const early = await Promise.race([next, new Promise((resolve) => setImmediate(() => resolve('waits')))])
    assert.equal(early, 'waits')
    stopping.abort()
    assert.equal((await next).done, true)
  })
})
