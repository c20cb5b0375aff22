import assert from 'node:assert/strict'
import { it } from 'node:test'
import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { joinSums } from './join-sums.ts'

it('the sum of two pieces is that of both in one', () => {
  const bytes = fc.uint8Array({ maxLength: 3000 })
  fc.assert(
    fc.property(bytes, bytes, (first, second) => {
      const joined = joinSums(crc32(first), crc32(second), second.length)
      assert.equal(joined, crc32(Buffer.concat([first, second])))
    }),
  )
})

it('holds for long pieces', () => {
  for (const size of [1 << 16, (1 << 20) + 1, 5_623_017]) {
    const first = Buffer.from('a list')
    const second = Buffer.alloc(size, 'of many streams')
    assert.equal(
      joinSums(crc32(first), crc32(second), size),
      crc32(Buffer.concat([first, second])),
      `${size} bytes`,
    )
  }
})
