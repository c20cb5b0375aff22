import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { parseChallenges } from './challenge.ts'

const read = (header: string | string[]) =>
  parseChallenges(header).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)])

describe('parseChallenges()', () => {
  it('reads quoted and bare parameters, commas and escapes inside quotes', () => {
    const header = 'Bearer realm="https://a/t?x=1,2",service="s \\"q\\"",scope=pull'
    assert.deepEqual(read(header), [
      ['bearer', { realm: 'https://a/t?x=1,2', service: 's "q"', scope: 'pull' }],
    ])
  })
  it('reads several challenges in one line and in several', () => {
    const both = [
      ['bearer', { realm: 'a' }],
      ['basic', { realm: 'b' }],
    ]
    assert.deepEqual(read('Bearer realm="a", Basic realm="b"'), both)
    assert.deepEqual(read(['bearer realm="a"', 'BASIC realm=b']), both)
  })
  it('reads a scheme alone, and lets the first of two values count', () => {
    assert.deepEqual(read('Negotiate, Basic realm="a",realm="b"'), [
      ['negotiate', {}],
      ['basic', { realm: 'a' }],
    ])
  })
  it('survives anything', () => {
    fc.assert(fc.property(fc.string(), (text) => Array.isArray(parseChallenges(text))))
    const piece = fc.constantFrom('Bearer', ' ', ',', '=', '"', '\\', 'realm', 'x')
    fc.assert(
      fc.property(fc.string({ unit: piece, maxLength: 300 }), (text) => Array.isArray(parseChallenges(text))),
    )
  })
})
