import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import type { Digest } from './digest.ts'
import { createDigestTable } from './digest-table.ts'

const digestOf = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}` as Digest

describe('a digest table', () => {
  it('agrees with a map, as it grows and after it has dropped some', () => {
    const table = createDigestTable()
    const map = new Map<Digest, number>()
    for (let n = 0; n < 20_000; n++) {
      const digest = digestOf(`${n % 15_000}`)
      table.set(digest, n)
      map.set(digest, n)
    }
    assert.equal(table.size, map.size)
    for (const [digest, value] of map) assert.equal(table.get(digest), value)
    assert.equal(table.get(digestOf('never')), undefined)
    table.keep((value) => value >= 19_000)
    assert.equal(table.size, 1000)
    for (const [digest, value] of map) assert.equal(table.get(digest), value >= 19_000 ? value : undefined)
  })

  it('takes digests of zeros, of either algorithm, and values up to 2^32 - 1', () => {
    const table = createDigestTable()
    const zeros = `sha512:${'0'.repeat(128)}` as Digest
    assert.equal(table.get(zeros), undefined)
    table.set(zeros, 0xffffffff)
    assert.equal(table.get(zeros), 0xffffffff)
    assert.equal(table.size, 1)
  })
})
