import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { objectMetaSchema } from './meta-schema.ts'
import {
  goString,
  int32,
  list,
  map,
  mergeBy,
  mergeSet,
  omit,
  pointer,
  raw,
  rawObject,
  struct,
} from './schema.ts'
import { applyStrategicMergePatch } from './strategic-merge-patch.ts'

const env = struct('EnvVar', { name: goString(), value: omit(goString()) })
const container = struct('Container', {
  name: goString(),
  image: omit(goString()),
  env: omit(list(env, mergeBy('name'))),
  args: omit(list(goString())),
})
const schema = struct('Thing', {
  metadata: objectMetaSchema,
  replicas: pointer(int32()),
  containers: omit(list(container, mergeBy('name'))),
  byZone: omit(map(container)),
  whole: pointer(rawObject('T'), { 'x-kubernetes-patch-strategy': 'replace' }),
  strategy: pointer(rawObject('T'), { 'x-kubernetes-patch-strategy': 'retainKeys' }),
  free: pointer(raw()),
  set: omit(list(goString(), mergeSet)),
})

const patch = (target: unknown, change: unknown) => applyStrategicMergePatch(schema, target, change)
const names = (object: unknown) =>
  (object as { containers: { name: string }[] }).containers.map(({ name }) => name)

describe('applyStrategicMergePatch', () => {
  it('merges objects and deletes with null', () => {
    assert.deepEqual(
      patch(
        { metadata: { labels: { a: '1', b: '2' } }, replicas: 1 },
        { metadata: { labels: { a: null, c: '3' } } },
      ),
      { metadata: { labels: { b: '2', c: '3' } }, replicas: 1 },
    )
  })

  it('merges lists by their key, at every depth, and new elements come first', () => {
    const before = {
      containers: [
        { name: 'a', image: 'a:1', env: [{ name: 'x', value: '1' }] },
        { name: 'b', image: 'b:1' },
      ],
    }
    const after = patch(before, { containers: [{ name: 'b', image: 'b:2' }, { name: 'c' }] })
    assert.deepEqual(names(after), ['a', 'b', 'c'])
    assert.deepEqual(patch(before, { containers: [{ name: 'a', env: [{ name: 'x', value: '2' }] }] }), {
      containers: [
        { name: 'a', image: 'a:1', env: [{ name: 'x', value: '2' }] },
        { name: 'b', image: 'b:1' },
      ],
    })
    assert.deepEqual(names(patch(before, { containers: [{ name: 'z' }] })), ['z', 'a', 'b'])
  })

  it('replaces other lists, and objects that ask for it', () => {
    const before = { containers: [{ name: 'a', args: ['1', '2'] }], whole: { a: 1 }, free: [1, 2] }
    assert.deepEqual(
      patch(before, { containers: [{ name: 'a', args: ['3'] }], whole: { b: 2 }, free: [3] }),
      {
        containers: [{ name: 'a', args: ['3'] }],
        whole: { b: 2 },
        free: [3],
      },
    )
  })

  it('merges sets, and takes away what it is told to', () => {
    const before = { metadata: { finalizers: ['a', 'b'] }, set: ['x', 'y'] }
    assert.deepEqual(patch(before, { metadata: { finalizers: ['c', 'a'] } }), {
      metadata: { finalizers: ['c', 'a', 'b'] },
      set: ['x', 'y'],
    })
    assert.deepEqual(patch(before, { '$deleteFromPrimitiveList/set': ['x'] }), { ...before, set: ['y'] })
  })

  it('deletes and replaces by directive', () => {
    const before = {
      containers: [{ name: 'a' }, { name: 'b', image: 'i' }],
      metadata: { name: 'n', labels: { a: '1' } },
    }
    assert.deepEqual(names(patch(before, { containers: [{ $patch: 'delete', name: 'a' }] })), ['b'])
    assert.deepEqual(names(patch(before, { containers: [{ $patch: 'replace' }, { name: 'c' }] })), ['c'])
    assert.deepEqual(patch(before, { metadata: { $patch: 'replace', name: 'm' } }), {
      ...before,
      metadata: { name: 'm' },
    })
    assert.deepEqual(patch(before, { metadata: { $patch: 'delete' } }), { ...before, metadata: {} })
  })

  it('keeps only what $retainKeys names', () => {
    const before = { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } }
    assert.deepEqual(patch(before, { strategy: { $retainKeys: ['type'], type: 'Recreate' } }), {
      strategy: { type: 'Recreate' },
    })
    assert.throws(() => patch(before, { strategy: { $retainKeys: ['type'], other: 1 } }), {
      code: 400,
      message: "patch content doesn't match retainKeys list",
    })
  })

  it('orders by $setElementOrder, others keeping their place', () => {
    const before = { containers: ['a', 'b', 'c'].map((name) => ({ name })) }
    const order = (...wanted: string[]) => ({
      '$setElementOrder/containers': wanted.map((name) => ({ name })),
    })
    assert.deepEqual(names(patch(before, order('c', 'a'))), ['b', 'c', 'a'])
    assert.deepEqual(names(patch(before, { ...order('b', 'd', 'a'), containers: [{ name: 'd' }] })), [
      'b',
      'd',
      'a',
      'c',
    ])
    assert.throws(() => patch(before, { ...order('a'), containers: [{ name: 'd' }] }), { code: 400 })
  })

  it('leaves no directive behind where nothing was', () => {
    assert.deepEqual(
      patch(
        {},
        {
          containers: [{ name: 'a', env: [{ $patch: 'delete', name: 'x' }], '$setElementOrder/env': [] }],
          strategy: { $retainKeys: ['a'], a: 1, b: null },
        },
      ),
      { containers: [{ name: 'a', env: [] }], strategy: { a: 1 } },
    )
  })

  it('keeps elements that share a key when the patch is about others', () => {
    const before = { containers: [{ name: 'a', image: '1' }, { name: 'a', image: '2' }, { name: 'b' }] }
    assert.deepEqual(patch(before, { containers: [{ name: 'b', image: '3' }] }), {
      containers: [
        { name: 'a', image: '1' },
        { name: 'a', image: '2' },
        { name: 'b', image: '3' },
      ],
    })
  })

  it('refuses with 400', () => {
    const bad: unknown[] = [
      [],
      { metadata: { $patch: 'explode' } },
      { containers: [{ image: 'x' }] },
      { '$setElementOrder/containers': 'x' },
      { '$deleteFromPrimitiveList/set': {} },
      { strategy: { $retainKeys: 'x' } },
    ]
    for (const change of bad)
      assert.throws(() => patch({ strategy: {}, metadata: {} }, change), { code: 400 })
  })

  it('does not change its arguments, and gives what a difference by key asks for', () => {
    const element = fc.record(
      { name: fc.constantFrom('a', 'b', 'c', 'd'), image: fc.string() },
      { noNullPrototype: true },
    )
    const elements = fc.uniqueArray(element, { selector: ({ name }) => name })
    fc.assert(
      fc.property(elements, elements, (from, to) => {
        const before = { containers: from }
        const copy = structuredClone(before)
        const gone = from.filter(({ name }) => !to.some((other) => other.name === name))
        const change = {
          '$setElementOrder/containers': to.map(({ name }) => ({ name })),
          containers: [...to, ...gone.map(({ name }) => ({ $patch: 'delete', name }))],
        }
        assert.deepEqual(patch(before, change), { containers: to })
        assert.deepEqual(before, copy)
      }),
    )
  })
})
