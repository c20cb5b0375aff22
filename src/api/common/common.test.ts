import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatSelector } from './label-selector.ts'
import { isSameJson } from './same-json.ts'

describe('isSameJson', () => {
  it('compares what is said, not in which order', () => {
    assert.ok(isSameJson({ a: 1, b: [{ c: null }] }, { b: [{ c: null }], a: 1 }))
    assert.ok(isSameJson({ a: 1, b: undefined }, { a: 1 }))
    assert.ok(!isSameJson([1, 2], [2, 1]))
    assert.ok(!isSameJson({ a: null }, {}))
    assert.ok(!isSameJson([], {}))
    assert.ok(!isSameJson({ 0: 1 }, [1]))
    assert.ok(!isSameJson('1', 1))
  })
})

describe('formatSelector', () => {
  it('prints labels by key, then conditions', () => {
    const matchExpressions = [
      { key: 'c', operator: 'In', values: ['y', 'x'] },
      { key: 'd', operator: 'NotIn', values: ['z'] },
      { key: 'e', operator: 'Exists' },
      { key: 'f', operator: 'DoesNotExist' },
    ]
    const text = formatSelector({ matchLabels: { b: '2', a: '1' }, matchExpressions })
    assert.equal(text, 'a=1,b=2,c in (x,y),d notin (z),e,!f')
    assert.equal(formatSelector(undefined), '<none>')
    assert.equal(formatSelector({}), '<none>')
  })
})
