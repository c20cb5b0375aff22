import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ImageStream, TagReference } from '../api/image/index.ts'
import { isTagChanged, nextGenerations, withStatusGenerations } from './generations.ts'
import { event, fromDocker, fromTag, generationsOf, history, stream } from './stream-fixture.ts'

describe('isTagChanged', () => {
  const old = fromDocker('t', 'quay.io/a/b', { generation: 1 })
  const cases: [string, Partial<TagReference>, boolean][] = [
    ['nothing', {}, false],
    ['name', { from: { kind: 'DockerImage', name: 'quay.io/a/c' } }, true],
    ['namespace', { from: { ...old.from, namespace: 'other' } }, true],
    ['its own namespace, written out', { from: { ...old.from, namespace: 'p' } }, false],
    ['kind alone', { from: { kind: 'ImageStreamTag', name: 'quay.io/a/b' } }, false],
    ['reference', { reference: true }, true],
    ['import mode', { importPolicy: { importMode: 'PreserveOriginal' } }, true],
    [
      'transport and schedule',
      { importPolicy: { importMode: 'Legacy', insecure: true, scheduled: true } },
      false,
    ],
    ['reference policy', { referencePolicy: { type: 'Local' } }, false],
    ['annotations', { annotations: { a: 'b' } }, false],
    ['reset', { generation: 0 }, true],
    ['an empty source', { from: {} }, false],
  ]
  for (const [name, parts, expected] of cases) {
    it(name, () => assert.equal(isTagChanged(stream(), old, { ...old, ...parts }), expected))
  }
  it('no source at all', () => {
    const { from, ...bare } = old
    assert.equal(isTagChanged(stream(), old, bare), false)
  })
  it('a reset of a tag that had no generation', () => {
    assert.equal(isTagChanged(stream(), { ...old, generation: null }, { ...old, generation: 0 }), false)
  })
})

describe('nextGenerations', () => {
  const tag = fromDocker('a', 'quay.io/a/b', { generation: 2 })
  const old = stream({ generation: 5, tags: [tag, fromTag('b', 'a', { generation: 3 })] })
  const withTag = (parts: Partial<TagReference>): ImageStream => ({
    ...old,
    spec: { ...old.spec, tags: [{ ...tag, ...parts }, fromTag('b', 'a', { generation: 3 })] },
  })
  const after = (next: ImageStream): unknown[] => {
    const result = nextGenerations(next, old)
    return [result.metadata.generation, generationsOf(result)]
  }

  it('an unchanged spec keeps all', () => assert.deepEqual(after(old), [5, { a: 2, b: 3 }]))
  it('clients cannot choose a generation', () => {
    assert.deepEqual(after(withTag({ generation: 99 })), [5, { a: 2, b: 3 }])
    assert.deepEqual(after(withTag({ generation: null })), [5, { a: 2, b: 3 }])
  })
  it('0 asks for an import', () => assert.deepEqual(after(withTag({ generation: 0 })), [6, { a: 6, b: 3 }]))
  it('a changed tag gets the new generation', () => {
    assert.deepEqual(after(withTag({ from: { kind: 'DockerImage', name: 'x/y' } })), [6, { a: 6, b: 3 }])
  })
  it('other changes of the spec bump the stream alone', () => {
    assert.deepEqual(after(withTag({ annotations: { a: 'b' } })), [6, { a: 2, b: 3 }])
    assert.deepEqual(after(withTag({ importPolicy: { importMode: 'Legacy', scheduled: true } })), [
      6,
      { a: 2, b: 3 },
    ])
    const local = { ...old, spec: { ...old.spec, lookupPolicy: { local: true } } }
    assert.deepEqual(after(local), [6, { a: 2, b: 3 }])
  })
  it('metadata and status bump nothing', () => {
    const next = stream({
      generation: 5,
      labels: { a: 'b' },
      tags: [...(old.spec.tags ?? [])],
      histories: [history('a', event('a'))],
    })
    assert.deepEqual(after(next), [5, { a: 2, b: 3 }])
  })
  it('a new and a removed tag', () => {
    const { tags, ...spec } = old.spec
    assert.deepEqual(
      after({ ...old, spec: { ...spec, tags: [tag, fromDocker('n', 'x/y', { generation: 1 })] } }),
      [6, { a: 2, n: 6 }],
    )
  })
  it('a tag without a generation gets one', () => {
    const before = stream({ generation: 5, tags: [fromDocker('a', 'x/y')] })
    const next = nextGenerations(before, before)
    assert.deepEqual([next.metadata.generation, generationsOf(next)], [5, { a: 5 }])
  })
})

it('events without a generation take that of the stream, or of the spec tag for another image', () => {
  const old = stream({
    generation: 4,
    tags: [fromDocker('a', 'x/y', { generation: 2 })],
    histories: [history('a', event('a', 1))],
  })
  const written = (letter: string): number | undefined => {
    const next = { ...old, status: { ...old.status, tags: [history('a', event(letter, 0))] } }
    return withStatusGenerations(next, old).status.tags?.[0]?.items?.[0]?.generation
  }
  assert.equal(written('a'), 4)
  assert.equal(written('b'), 2)
})
