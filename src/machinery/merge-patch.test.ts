import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { isObject } from './decode-schema.ts'
import { applyMergePatch, mergePatch } from './merge-patch.ts'

/** The patch that makes `to` of `from`; possible when `to` holds no null in objects. */
function difference(from: unknown, to: unknown): unknown {
  if (!isObject(from) || !isObject(to)) return to
  const gone = Object.keys(from).filter((key) => !Object.hasOwn(to, key))
  const changed = Object.keys(to).filter(
    (key) => !Object.hasOwn(from, key) || JSON.stringify(from[key]) !== JSON.stringify(to[key]),
  )
  return Object.fromEntries([
    ...gone.map((key) => [key, null]),
    ...changed.map((key) => [key, difference(Object.hasOwn(from, key) ? from[key] : undefined, to[key])]),
  ])
}

describe('applyMergePatch', () => {
  it('follows the examples of RFC 7396', () => {
    const cases: [unknown, unknown, unknown][] = [
      [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
      [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
      [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
      [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
      [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
      [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
      [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
      [
        ['a', 'b'],
        ['c', 'd'],
        ['c', 'd'],
      ],
      [{ a: 'b' }, ['c'], ['c']],
      [{ e: null }, { a: 1 }, { e: null, a: 1 }],
      [[1, 2], { a: 'b', c: null }, { a: 'b' }],
      [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
    ]
    for (const [target, patch, result] of cases) assert.deepEqual(mergePatch(target, patch), result)
  })

  it('leaves its arguments alone', () => {
    const target = { a: { b: 1 } }
    applyMergePatch(target, { a: { b: null, c: { d: null } } })
    assert.deepEqual(target, { a: { b: 1 } })
  })

  it('refuses a patch that is no object', () => {
    assert.throws(() => applyMergePatch({}, []), {
      code: 400,
      message:
        'error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}',
    })
    assert.throws(() => applyMergePatch({}, null), { code: 400 })
  })

  it('does not pollute', () => {
    const patched = applyMergePatch({}, JSON.parse('{"__proto__":{"polluted":1}}')) as object
    assert.deepEqual(Object.keys(patched), ['__proto__'])
    assert.equal(({} as { polluted?: unknown }).polluted, undefined)
  })

  it('of a difference gives the target', () => {
    const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.array(fc.jsonValue({ maxDepth: 1 })))
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        leaf,
        fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), tie('tree'), { noNullPrototype: true }),
      ),
    }))
    const object = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), tree, { noNullPrototype: true })
    fc.assert(
      fc.property(object, object, (from, to) => {
        assert.deepEqual(applyMergePatch(from, difference(from, to)), to)
      }),
    )
  })
})
