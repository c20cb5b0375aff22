import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { describe, it } from 'node:test'
import { oneSignal } from './one-signal.ts'

describe('one signal', () => {
  it('aborts with any of its sources, and with one that had aborted before', () => {
    const [first, second] = [new AbortController(), new AbortController()]
    using one = oneSignal([first.signal, undefined, second.signal])
    assert.equal(one.signal.aborted, false)
    second.abort()
    assert.equal(one.signal.aborted, true)
    using late = oneSignal([first.signal, second.signal])
    assert.equal(late.signal.aborted, true)
  })

  it('aborts when its time is over, and by hand', async () => {
    using timed = oneSignal([], 1)
    await new Promise((resolve) => timed.signal.addEventListener('abort', resolve))
    using one = oneSignal([], 1e6)
    one.abort()
    assert.equal(one.signal.aborted, true)
  })

  it('leaves nothing at its sources once it is disposed', () => {
    const source = new AbortController()
    const one = oneSignal([source.signal], 1e6)
    one[Symbol.dispose]()
    assert.deepEqual(getEventListeners(source.signal, 'abort'), [])
    source.abort()
    assert.equal(one.signal.aborted, false)
  })
})
