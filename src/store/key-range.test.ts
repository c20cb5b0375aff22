import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { compareKeys, isWithin, rangeOf } from './key-range.ts'

const key = fc
  .array(
    fc.constantFrom('a', 'b', '/', '\u0000', '\u007f', '\ud7ff', '\ue000', '\uffff', '😀', '\u{10ffff}'),
    { maxLength: 4 },
  )
  .map((parts) => parts.join(''))

it('a range holds exactly the keys under the prefix that come after the given one', () => {
  fc.assert(
    fc.property(key, fc.option(key, { nil: undefined }), key, (prefix, after, candidate) => {
      const range = rangeOf(prefix, after)
      const inside =
        range !== undefined &&
        (range.open ? compareKeys(candidate, range.from) > 0 : compareKeys(candidate, range.from) >= 0) &&
        (range.to === undefined || compareKeys(candidate, range.to) < 0)
      const expected =
        candidate.startsWith(prefix) && (after === undefined || compareKeys(candidate, after) > 0)
      assert.equal(inside, expected)
    }),
    { numRuns: 3000 },
  )
})

it('keys sort as their bytes do', () => {
  fc.assert(
    fc.property(key, key, (a, b) => {
      assert.equal(Math.sign(compareKeys(a, b)), Buffer.compare(Buffer.from(a), Buffer.from(b)))
    }),
    { numRuns: 3000 },
  )
})

it('a key is within a range from its start, open or not, to its end or the last key', () => {
  const range = { from: 'b', open: false, to: 'd' }
  const within = (open: boolean, last?: string) =>
    ['a', 'b', 'bb', 'c', 'd'].filter((one) => isWithin({ ...range, open }, one, last))
  assert.deepEqual(within(false), ['b', 'bb', 'c'])
  assert.deepEqual(within(true), ['bb', 'c'])
  assert.deepEqual(within(true, 'bb'), ['bb'])
  assert.ok(isWithin({ from: 'b', open: false, to: undefined }, 'x', undefined))
})

it('the end of a prefix skips surrogates and carries over the last code point', () => {
  assert.equal(rangeOf('a')?.to, 'b')
  assert.equal(rangeOf('a\ud7ff')?.to, 'a\ue000')
  assert.equal(rangeOf('a\u{10ffff}')?.to, 'b')
  assert.equal(rangeOf('\u{10ffff}')?.to, undefined)
  assert.equal(rangeOf('')?.to, undefined)
})
