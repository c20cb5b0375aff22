import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseAccept, parseMediaType } from './media-type.ts'

describe('parseMediaType', () => {
  it('reads type and parameters, quoted ones too', () => {
    const media = parseMediaType('Application/JSON ; As=Table; x="a;b\\"c"')
    assert.equal(media?.type, 'application/json')
    assert.deepEqual(
      [...(media?.parameters ?? [])],
      [
        ['as', 'Table'],
        ['x', 'a;b"c'],
      ],
    )
    assert.equal(parseMediaType('json'), undefined)
    assert.equal(parseMediaType('*')?.type, '*/*')
  })
})

describe('parseAccept', () => {
  it('sorts by quality, then by how specific a range is, then by place', () => {
    const types = parseAccept('*/*, a/*, b/c;q=0.9, d/e, f/g, h/i;q=0').map(({ type }) => type)
    assert.deepEqual(types, ['d/e', 'f/g', 'a/*', '*/*', 'b/c'])
  })
})
