import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createRateLimit } from './rate-limit.ts'

describe('a rate limit', () => {
  it('allows a burst, then so many a second, for each by itself', () => {
    let now = 0
    const limit = createRateLimit(10, () => now)
    const passed = (who: string, tries: number) =>
      Array.from({ length: tries }, () => limit.take(who)).filter((wait) => wait === 0).length
    assert.equal(passed('a', 100), 20)
    assert.equal(limit.take('a'), 100)
    assert.equal(passed('b', 100), 20)
    now += 1000
    assert.equal(passed('a', 100), 10)
    now += 1_000_000
    assert.equal(passed('a', 100), 20)
  })

  it('of 0 is none', () => {
    const limit = createRateLimit(0, () => 0)
    for (let n = 0; n < 100; n++) assert.equal(limit.take('a'), 0)
  })
})
