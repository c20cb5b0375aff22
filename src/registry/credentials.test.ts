import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseCredentials } from './credentials.ts'

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`

describe('parseCredentials (B-10, B-11)', () => {
  const cases: [string | undefined, object][] = [
    [undefined, { kind: 'none' }],
    ['', { kind: 'none' }],
    ['Bearer', { kind: 'none' }],
    ['Negotiate abc', { kind: 'none' }],
    ['Bearer abc', { kind: 'token', token: 'abc' }],
    ['bearer abc', { kind: 'token', token: 'abc' }],
    ['Bearer ', { kind: 'anonymous' }],
    ['Bearer anonymous', { kind: 'anonymous' }],
    [basic('anybody:abc'), { kind: 'token', token: 'abc' }],
    [basic(':abc'), { kind: 'token', token: 'abc' }],
    [basic('a:b:c'), { kind: 'token', token: 'b:c' }],
    [basic('x:anonymous'), { kind: 'anonymous' }],
    [basic('x:'), { kind: 'invalid' }],
    [basic('x'), { kind: 'invalid' }],
    ['Basic !!!', { kind: 'invalid' }],
    ['Basic ', { kind: 'invalid' }],
  ]
  for (const [header, expected] of cases) {
    it(String(header), () => assert.deepEqual(parseCredentials(header), expected))
  }
})
