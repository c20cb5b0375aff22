import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { findJsonProblem } from './json-problem.ts'

const check = (text: string | Uint8Array) =>
  findJsonProblem(typeof text === 'string' ? Buffer.from(text) : text)

describe('findJsonProblem', () => {
  it('finds nothing in what JSON.stringify writes, however it is spaced', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), fc.constantFrom(0, 1, 2, '\t'), (value, space) => {
        assert.equal(check(JSON.stringify(value, null, space)), undefined)
      }),
    )
  })

  it('agrees with JSON.parse about what is JSON', () => {
    const fragment = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '"b',
      '"\\u00e9"',
      '"\\x"',
      '1',
      '-',
      '0',
      '01',
      '1.',
      '1e5',
      '1e',
      'true',
      'nul',
      'null',
      ' ',
      '\n',
      '"',
      '\\',
      '"c":',
      '\u0007',
    )
    fc.assert(
      fc.property(fc.array(fragment, { maxLength: 12 }), (fragments) => {
        const text = fragments.join('')
        let isJson = true
        try {
          JSON.parse(text)
        } catch {
          isJson = false
        }
        assert.equal(check(text)?.kind !== 'syntax', isJson || check(text)?.kind === 'duplicate', text)
      }),
      { numRuns: 3000 },
    )
  })

  it('counts as Go does: bytes read when the error is noticed (r363)', () => {
    assert.deepEqual(check('hello blob'), { kind: 'syntax', offset: 1 })
    assert.deepEqual(check('{"a":1,}'), { kind: 'syntax', offset: 8 })
    assert.deepEqual(check('{"a":'), { kind: 'syntax', offset: 5 })
    assert.deepEqual(check(''), { kind: 'syntax', offset: 0 })
    assert.deepEqual(check('{} x'), { kind: 'syntax', offset: 4 })
  })

  it('threat 6: a key that appears twice, in whatever spelling', () => {
    assert.deepEqual(check('{"a":1,"b":{"a":2},"a":3}'), { kind: 'duplicate', key: 'a' })
    assert.deepEqual(check('[{"x":{"k":1,"\\u006b":2}}]'), { kind: 'duplicate', key: 'k' })
    assert.equal(check('[{"a":1},{"a":1}]'), undefined)
    assert.deepEqual(check('{"__proto__":1,"__proto__":2}'), { kind: 'duplicate', key: '__proto__' })
  })

  it('threat 6: a byte order mark is no JSON', () => {
    assert.deepEqual(check('\ufeff{}'), { kind: 'syntax', offset: 1 })
  })

  it('threat 7: deep nesting ends in an answer, not in the stack', () => {
    assert.deepEqual(check('['.repeat(1_000_000)), { kind: 'depth' })
    assert.deepEqual(check('{"a":'.repeat(100_000)), { kind: 'depth' })
    assert.equal(check('['.repeat(100) + ']'.repeat(100)), undefined)
  })
})
