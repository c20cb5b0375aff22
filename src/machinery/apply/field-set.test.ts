import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  type FieldSet,
  intersectSets,
  isEmptySet,
  isSameSet,
  pathsOf,
  subtractSet,
  subtractTrees,
  toFieldSet,
  unionSets,
} from './field-set.ts'
import { decodeFieldsV1, encodeFieldsV1, type FieldsV1 } from './fields-v1.ts'
import { formatFieldPath, keyElement, parsePathElement, valueElement } from './path-element.ts'

const set = (fields: object): FieldSet => decodeFieldsV1(fields)
const shown = (of: FieldSet) => pathsOf(of).map(formatFieldPath)

const elements = ['f:a', 'f:b', 'k:{"name":"x"}', 'v:1', 'i:0']
const paths = fc.array(fc.array(fc.constantFrom(...elements), { minLength: 1, maxLength: 4 }), {
  maxLength: 12,
})
const texts = (of: FieldSet) => new Set(pathsOf(of).map((path) => path.join('|')))
const asTexts = (list: string[][]) => new Set(list.map((path) => path.join('|')))

describe('path elements', () => {
  it('have one spelling each', () => {
    assert.equal(keyElement({ protocol: 'TCP', port: 80 }), 'k:{"port":80,"protocol":"TCP"}')
    assert.equal(parsePathElement('k:{"protocol":"TCP", "port":80}'), 'k:{"port":80,"protocol":"TCP"}')
    assert.equal(parsePathElement('v: "a"'), valueElement('a'))
    for (const bad of ['x:a', 'k:[]', 'k:{', 'i:-1', 'i:01', 'v:', '']) {
      assert.equal(parsePathElement(bad), undefined, bad)
    }
  })

  it('print as messages name fields', () => {
    const path = ['f:spec', 'f:ports', keyElement({ port: 80, protocol: 'TCP' }), 'v:"a"', 'i:3']
    assert.equal(formatFieldPath(path), '.spec.ports[port=80,protocol="TCP"][="a"][3]')
  })
})

describe('fieldsV1', () => {
  it('says with a dot that a field with children is a member itself', () => {
    const fields: FieldsV1 = {
      'f:metadata': { 'f:labels': { '.': {}, 'f:a': {} } },
      'f:spec': { 'f:tags': { 'k:{"name":"x"}': { 'f:from': {} } } },
    }
    assert.deepEqual(shown(set(fields)), [
      '.metadata.labels',
      '.metadata.labels.a',
      '.spec.tags[name="x"].from',
    ])
    assert.deepEqual(encodeFieldsV1(set(fields)), fields)
  })

  it('refuses what is no set', () => {
    for (const bad of [null, [], 'a', { a: {} }, { 'f:a': 1 }, { 'k:[]': {} }]) {
      assert.throws(() => decodeFieldsV1(bad), TypeError)
    }
  })

  it('comes back as it went', () => {
    fc.assert(
      fc.property(paths, (list) => {
        const before = toFieldSet(list)
        assert(isSameSet(decodeFieldsV1(JSON.parse(JSON.stringify(encodeFieldsV1(before)))), before))
      }),
    )
  })
})

describe('operations on field sets', () => {
  it('agree with sets of paths', () => {
    fc.assert(
      fc.property(paths, paths, (left, right) => {
        const [a, b] = [toFieldSet(left), toFieldSet(right)]
        const [as, bs] = [asTexts(left), asTexts(right)]
        assert.deepEqual(texts(unionSets(a, b)), as.union(bs))
        assert.deepEqual(texts(intersectSets(a, b)), as.intersection(bs))
        assert.deepEqual(texts(subtractSet(a, b)), as.difference(bs))
        assert.equal(isEmptySet(subtractSet(a, a)), true)
        const isBelow = (text: string) =>
          [...bs].some((other) => text === other || text.startsWith(`${other}|`))
        assert.deepEqual(texts(subtractTrees(a, b)), new Set([...as].filter((text) => !isBelow(text))))
        assert.deepEqual([texts(a), texts(b)], [as, bs], 'operands stay as they are')
      }),
    )
  })
})
