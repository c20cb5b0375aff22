import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { compareBytes } from './compare-bytes.ts'

it('orders text as its bytes do', () => {
  const text = fc.string({ unit: 'grapheme' })
  fc.assert(
    fc.property(text, text, (a, b) => {
      const bytes = Buffer.compare(Buffer.from(a), Buffer.from(b))
      assert.equal(Math.sign(compareBytes(a, b)), bytes)
    }),
    { verbose: true },
  )
})
