import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import jsonPatch from 'fast-json-patch'
import { applyJsonPatch } from './json-patch.ts'

const target = { metadata: { name: 'a', labels: { x: '1' } }, list: [1, 2] }

describe('applyJsonPatch', () => {
  it('applies every operation', () => {
    const patch = [
      { op: 'test', path: '/metadata/name', value: 'a' },
      { op: 'add', path: '/list/-', value: 3 },
      { op: 'replace', path: '/metadata/labels/x', value: '2' },
      { op: 'copy', from: '/metadata/labels/x', path: '/metadata/labels/a~1b' },
      { op: 'move', from: '/list/0', path: '/first' },
      { op: 'remove', path: '/list/0' },
    ]
    assert.deepEqual(applyJsonPatch(target, patch), {
      metadata: { name: 'a', labels: { x: '2', 'a/b': '2' } },
      list: [3],
      first: 1,
    })
    assert.deepEqual(target.list, [1, 2])
  })

  it('answers 422 where it cannot be applied', () => {
    const bad = [
      { op: 'test', path: '/metadata/name', value: 'b' },
      { op: 'remove', path: '/nope' },
      { op: 'replace', path: '/nope/x', value: 1 },
      { op: 'add', path: '/list/9', value: 1 },
      { op: 'move', from: '/nope', path: '/x' },
      { op: 'frobnicate', path: '/x' },
      { op: 'add', path: 'x', value: 1 },
      { op: 'add', path: '/__proto__/polluted', value: 1 },
      { op: 'replace', path: '/constructor/assign', value: 1 },
      { op: 'add', path: '/toString/polluted', value: 1 },
    ]
    for (const operation of bad) {
      assert.throws(() => applyJsonPatch(target, [operation]), {
        code: 422,
        message: 'the server rejected our request due to an error in our request',
      })
    }
    assert.equal(({} as { polluted?: unknown }).polluted, undefined)
    assert.equal(typeof Object.assign, 'function')
  })

  it('answers 400 for what is no patch, 413 for too long a one', () => {
    assert.throws(() => applyJsonPatch(target, { op: 'add' }), { code: 400 })
    assert.throws(() => applyJsonPatch(target, ['x']), { code: 400 })
    assert.throws(() => applyJsonPatch(target, new Array(10_001).fill({ op: 'test', path: '', value: 1 })), {
      code: 413,
    })
  })

  it('of a difference gives the target', () => {
    const object = fc.dictionary(
      fc.constantFrom('a', 'b', 'c', 'a/b', 'x~y'),
      fc.jsonValue({ maxDepth: 3 }),
      {
        noNullPrototype: true,
      },
    )
    fc.assert(
      fc.property(object, object, (from, to) => {
        const [a, b] = [from, to].map((value) => JSON.parse(JSON.stringify(value)))
        // A patch may not name what objects inherit.
        const inherited = Object.getOwnPropertyNames(Object.prototype).map((name) => JSON.stringify(name))
        fc.pre(!inherited.some((name) => JSON.stringify([from, to]).includes(name)))
        assert.deepEqual(applyJsonPatch(a, jsonPatch.compare(a, b)), b)
      }),
    )
  })
})
