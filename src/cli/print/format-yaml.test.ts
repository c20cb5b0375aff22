import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { parse } from 'yaml'
import { formatYaml } from './format-yaml.ts'

it('sorts keys bytewise and puts dashes at the indent of their key', () => {
  assert.equal(
    formatYaml({
      kind: 'X',
      apiVersion: 'v1',
      Architecture: 'amd64',
      items: [{ b: 1, a: [2] }, []],
      empty: {},
    }),
    'Architecture: amd64\napiVersion: v1\nempty: {}\nitems:\n- a:\n  - 2\n  b: 1\n- []\nkind: X\n',
  )
})

const scalars: [unknown, string][] = [
  ['2026-11-23T03:54:06Z', '"2026-11-23T03:54:06Z"'],
  ['1001', '"1001"'],
  ['1.0', '"1.0"'],
  ['true', '"true"'],
  ['y', '"y"'],
  ['', '""'],
  ['*', "'*'"],
  ['a: b', "'a: b'"],
  ["it's", "it's"],
  ['a #1', "'a #1'"],
  ['-c', '-c'],
  ['- c', "'- c'"],
  ['$STI/usage', '$STI/usage'],
  ['sha256:8a76', 'sha256:8a76'],
  ['tab\there', '"tab\\there"'],
  ['two\nlines', '|-\n  two\n  lines'],
  ['ended\n', '|\n  ended'],
  [null, 'null'],
  [3, '3'],
  [false, 'false'],
]
for (const [value, text] of scalars) {
  it(`writes ${JSON.stringify(value)}`, () => assert.equal(formatYaml({ k: value }), `k: ${text}\n`))
}

it('folds long text after column 80', () => {
  const words = Array.from({ length: 30 }, (_, i) => `word${i}`).join(' ')
  const lines = formatYaml({ message: words }).trimEnd().split('\n')
  assert.ok(lines.length > 1)
  assert.ok(lines.every((line) => line.length <= 88))
  assert.deepEqual(parse(lines.join('\n')), { message: words })
})

it('reads back as what was written', () => {
  const text = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom(
      'a: b',
      '- x',
      '#',
      "'",
      '"',
      ' lead',
      'trail ',
      'x\ny',
      'x \ny',
      '\n',
      'null',
      '0x1f',
      '1e3',
    ),
  )
  const value = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      text,
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(text, tie('value'), { maxKeys: 3 }),
    ),
  })).value
  fc.assert(
    fc.property(fc.dictionary(text, value, { maxKeys: 4 }), (object) => {
      const plain = JSON.parse(JSON.stringify(object)) as unknown
      assert.deepEqual(parse(formatYaml(plain), { version: '1.1', schema: 'yaml-1.1' }), plain)
    }),
    { numRuns: 300 },
  )
})
