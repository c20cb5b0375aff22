import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { JsonSyntaxError, parseJsonText } from './json-text.ts'

describe('parseJsonText', () => {
  it('gives the value, and the paths of fields that stand twice', () => {
    const { value, duplicates } = parseJsonText('{"a":1,"spec":{"x":[{"y":1,"y":2}],"x":3},"a":{"b":1}}')
    assert.deepEqual(value, { a: { b: 1 }, spec: { x: 3 } })
    assert.deepEqual(duplicates, ['spec.x[0].y', 'spec.x', 'a'])
  })

  it('refuses with the words of Go', () => {
    const cases: [string, string][] = [
      ['', 'unexpected end of JSON input'],
      ['{bad', "invalid character 'b' looking for beginning of object key string"],
      ['{"a"', 'unexpected end of JSON input'],
      ['{"a" 1}', "invalid character '1' after object key"],
      ['{"a":1 "b"}', "invalid character '\"' after object key:value pair"],
      ['[1 2]', "invalid character '2' after array element"],
      ['[1,]', "invalid character ']' looking for beginning of value"],
      ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
      ['1 x', "invalid character 'x' after top-level value"],
      ['tru3', "invalid character '3' in literal true (expecting 'e')"],
      ['-', 'unexpected end of JSON input'],
      ['01', "invalid character '1' after top-level value"],
      ['1.x', "invalid character 'x' after decimal point in numeric literal"],
      ['1e', 'unexpected end of JSON input'],
      ['"a\nb"', "invalid character '\\n' in string literal"],
      ['"\\q"', "invalid character 'q' in string escape code"],
      ['"\\u12g4"', "invalid character 'g' in \\u hexadecimal character escape"],
      ["'a'", "invalid character '\\'' looking for beginning of value"],
      ['Ï', "invalid character 'Ï' looking for beginning of value"],
    ]
    for (const [text, message] of cases) {
      assert.throws(() => parseJsonText(text), { name: 'JsonSyntaxError', message }, text)
    }
    assert.throws(() => parseJsonText('['.repeat(100_000)), { message: 'exceeded max depth' })
  })

  it('accepts exactly what JSON.parse accepts', () => {
    const text = fc.oneof(fc.json(), fc.stringMatching(/^[[\]{}",:0-9.eE+\-truefalsn\\ ]*$/))
    fc.assert(
      fc.property(text, (json) => {
        let expected: unknown
        try {
          expected = JSON.parse(json)
        } catch {
          assert.throws(() => parseJsonText(json), JsonSyntaxError)
          return
        }
        assert.deepEqual(parseJsonText(json).value, expected)
      }),
      { numRuns: 500 },
    )
  })
})
