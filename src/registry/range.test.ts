import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { matchesEtag, parseRange, parseUploadRange } from './range.ts'

const part = (start: number, end: number) => ({ kind: 'part', range: { start, end } })
const all = { kind: 'all' }
const unsatisfiable = { kind: 'unsatisfiable' }

describe('parseRange (A-41)', () => {
  const cases: [string | undefined, object][] = [
    [undefined, all],
    ['bytes=500-1499', part(500, 1499)],
    ['bytes=500-', part(500, 2047)],
    ['bytes=-500', part(1548, 2047)],
    ['bytes=-5000', part(0, 2047)],
    ['bytes=2000-5000', part(2000, 2047)],
    ['bytes=0-0', part(0, 0)],
    ['bytes=500-0', unsatisfiable],
    ['bytes=5000-10000', unsatisfiable],
    ['bytes=2048-', unsatisfiable],
    ['bytes=-0', unsatisfiable],
    ['bytes=0-1,5-6', all],
    ['items=0-1', all],
    ['bytes=a-b', all],
    ['bytes=', all],
  ]
  for (const [header, expected] of cases) {
    it(String(header), () => assert.deepEqual(parseRange(header, 2048), expected))
  }

  it('an empty blob has no ranges', () => assert.deepEqual(parseRange('bytes=0-5', 0), all))

  it('whatever is asked, a part lies within the content', () => {
    const header = fc.oneof(
      fc.string(),
      fc.tuple(fc.nat(), fc.nat()).map(([a, b]) => `bytes=${a}-${b}`),
      fc.bigInt({ min: 0n }).map((n) => `bytes=-${n}`),
      fc.bigInt({ min: 0n }).map((n) => `bytes=${n}-`),
    )
    fc.assert(
      fc.property(header, fc.nat({ max: 5000 }), (text, size) => {
        const asked = parseRange(text, size)
        if (asked.kind !== 'part') return
        const { start, end } = asked.range
        assert.ok(start >= 0 && start <= end && end < size)
      }),
    )
  })
})

describe('parseUploadRange (A-23)', () => {
  it('takes start-end, and what other clients put around it', () => {
    for (const text of ['0-9', 'bytes 0-9', 'bytes=0-9', ' 0-9 ', 'bytes 0-9/10', '0-9/*']) {
      assert.deepEqual(parseUploadRange(text), { start: 0, end: 9 })
    }
  })
  it('refuses everything else', () => {
    for (const text of ['', '9', '9-0', 'a-b', '-5', '5-', '0-99999999999999999999', '0-1,2-3']) {
      assert.equal(parseUploadRange(text), undefined, text)
    }
  })
})

describe('matchesEtag (A-56)', () => {
  it('finds the digest quoted, bare, weak and in a list', () => {
    for (const header of ['"d"', 'd', 'W/"d"', '"x", "d"', '*'])
      assert.ok(matchesEtag(header, 'd'), String(header))
    for (const header of [undefined, '', '"x"', 'dd']) assert.ok(!matchesEtag(header, 'd'), String(header))
  })
})
