import assert from 'node:assert/strict'
import { it } from 'node:test'
import { quote } from './errors.ts'

it('quotes text as Go does', () => {
  const cases: [string, string][] = [
    ['a"b\\c', '"a\\"b\\\\c"'],
    ['\u0000\u0007\b\t\n\u000b\f\r\u001f', '"\\x00\\a\\b\\t\\n\\v\\f\\r\\x1f"'],
    ['\u007f\u0085\u2028', '"\\x7f\\u0085\\u2028"'],
    ['\\u0001', '"\\\\u0001"'],
    ['é☃', '"é☃"'],
  ]
  for (const [text, expected] of cases) assert.equal(quote(text), expected)
})
