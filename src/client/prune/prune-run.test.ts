import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { forEachOf } from './prune-run.ts'

describe('forEachOf()', () => {
  it('works on so many at once, and on each', async () => {
    let [now, most] = [0, 0]
    const seen: number[] = []
    await forEachOf(Array(500).keys(), 8, async (n) => {
      most = Math.max(most, ++now)
      await new Promise((resolve) => setImmediate(resolve))
      seen.push(n)
      now--
    })
    assert.equal(most, 8)
    assert.deepEqual(
      seen.sort((a, b) => a - b),
      [...Array(500).keys()],
    )
  })

  it('begins nothing while a reader has yet to take what it was told', async () => {
    let [told, takenSoFar] = [0, 0]
    let most = 0
    // A reader that takes ten at a time, now and then.
    const taken = () => {
      if (told - takenSoFar < 10) return undefined
      return new Promise<void>((resolve) =>
        setTimeout(() => {
          takenSoFar = told
          resolve()
        }, 1),
      )
    }
    await forEachOf(
      Array(500).keys(),
      4,
      async () => {
        told++
        most = Math.max(most, told - takenSoFar)
      },
      taken,
    )
    assert.equal(told, 500)
    assert.ok(most < 10 + 4, `${most} waited to be taken`)
  })

  it('ends with the first failure, after those under way', async () => {
    const ended: number[] = []
    const work = async (n: number) => {
      if (n === 3) throw new Error('no')
      await new Promise((resolve) => setImmediate(resolve))
      ended.push(n)
    }
    await assert.rejects(forEachOf(Array(100).keys(), 4, work), /no/)
    assert.ok(ended.length < 20 && [0, 1, 2].every((n) => ended.includes(n)), `${ended}`)
  })
})
