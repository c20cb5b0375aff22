import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  type FieldRequirement,
  formatFieldSelector,
  matchesFields,
  parseFieldSelector,
} from './field-selector.ts'

const known = ['metadata.name', 'metadata.namespace']

describe('parseFieldSelector', () => {
  it('reads terms', () => {
    assert.deepEqual(parseFieldSelector('metadata.name=a,metadata.namespace!=b,', known), [
      { field: 'metadata.name', operator: '=', value: 'a' },
      { field: 'metadata.namespace', operator: '!=', value: 'b' },
    ])
    assert.deepEqual(parseFieldSelector('', known), [])
    assert.deepEqual(parseFieldSelector('a==x\\,y\\=z'), [{ field: 'a', operator: '=', value: 'x,y=z' }])
  })

  it('refuses unknown fields and bad syntax with 400', () => {
    assert.throws(() => parseFieldSelector('spec.foo=x', known), {
      code: 400,
      message: '"spec.foo" is not a known field selector: only "metadata.name", "metadata.namespace"',
    })
    assert.throws(() => parseFieldSelector('abc', known), {
      message: "invalid selector: 'abc'; can't understand 'abc'",
    })
    assert.throws(() => parseFieldSelector('metadata.name=a=b', known), { code: 400 })
    assert.throws(() => parseFieldSelector('metadata.name=a\\b', known), { code: 400 })
  })
})

describe('field selectors, any', () => {
  it('parse what they print and match what they name', () => {
    const term = fc.record(
      {
        field: fc.constantFrom(...known),
        operator: fc.constantFrom<'=' | '!='>('=', '!='),
        value: fc.string(),
      },
      { noNullPrototype: true },
    )
    fc.assert(
      fc.property(fc.array(term), (terms: FieldRequirement[]) => {
        assert.deepEqual(parseFieldSelector(formatFieldSelector(terms), known), terms)
      }),
    )
    fc.assert(
      fc.property(fc.string(), fc.string(), (value, other) => {
        const selector = parseFieldSelector(formatFieldSelector([{ field: 'f', operator: '=', value }]))
        assert.equal(
          matchesFields(selector, () => other),
          value === other,
        )
      }),
    )
  })
})
