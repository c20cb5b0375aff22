import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createShortWork } from './short-work.ts'

const never = 1 << 30
const turn = () => new Promise((resolve) => setImmediate(resolve))

async function turns(count: number): Promise<void> {
  for (let n = 0; n < count; n++) await turn()
}

describe('short work', () => {
  it('is not waited for where there is none, but never at once', async () => {
    const { after } = createShortWork(never)
    let done = 0
    after(() => done++)
    assert.equal(done, 0)
    await turns(2)
    assert.equal(done, 1)
  })

  it('comes first, all of it, what begins while others wait included', async () => {
    const { begin, after } = createShortWork(never)
    const ends = [begin(), begin()]
    let done = 0
    after(() => done++)
    await turns(5)
    ends[0]!()
    // A second time it counts no more.
    ends[0]!()
    await turns(5)
    assert.equal(done, 0)
    ends[1]!()
    const next = begin()
    await turns(5)
    assert.equal(done, 0)
    next()
    await turns(5)
    assert.equal(done, 1)
  })

  it('is waited for so long and no longer, however much there is', async () => {
    const { begin, after } = createShortWork(1)
    const end = begin()
    for (let n = 0; n < 3; n++) await new Promise<void>((resolve) => after(resolve))
    end()
    await new Promise<void>((resolve) => after(resolve))
  })
})
