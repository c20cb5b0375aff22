import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { RegistryError } from './errors.ts'
import { firstAfter, nextLink, parsePage } from './pagination.ts'

describe('parsePage (A-61, A-63)', () => {
  it('reads n and last', () => {
    assert.deepEqual(parsePage(new URLSearchParams('')), { n: undefined, last: '' })
    assert.deepEqual(parsePage(new URLSearchParams('n=0&last=a%2Fb')), { n: 0, last: 'a/b' })
    assert.deepEqual(parsePage(new URLSearchParams('n=1000'), 1000), { n: 1000, last: '' })
    assert.deepEqual(parsePage(new URLSearchParams('n=5000'), 0), { n: 5000, last: '' })
  })

  it('threat 7: refuses what is no count, and more than the ceiling', () => {
    for (const n of ['-1', 'NaN', '1e9', '1.5', '0x10', ' 5', '9'.repeat(400), 'a']) {
      assert.throws(
        () => parsePage(new URLSearchParams({ n })),
        (error) => error instanceof RegistryError && error.items[0]?.code === 'PAGINATION_NUMBER_INVALID',
        n,
      )
    }
    assert.throws(() => parsePage(new URLSearchParams('n=1001'), 1000), RegistryError)
  })
})

it('nextLink escapes values and keeps the order (r343, r346)', () => {
  const link = nextLink('/v2/_catalog', [
    ['last', 'demo/a b'],
    ['n', '5'],
  ])
  assert.equal(link, '</v2/_catalog?last=demo%2Fa%20b&n=5>; rel="next"')
})

it('firstAfter finds what a search from the start would', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 3 })), fc.string({ maxLength: 3 }), (texts, last) => {
      const sorted = [...texts].sort()
      const index = sorted.findIndex((text) => text > last)
      assert.equal(firstAfter(sorted, last), index === -1 ? sorted.length : index)
    }),
  )
})
