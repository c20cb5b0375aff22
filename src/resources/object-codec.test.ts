import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { KubeObject } from '../machinery/object.ts'
import type { StoreEvent } from '../store/store.ts'
import { createObjectCache, decodeObject, encodeObject } from './object-codec.ts'

const key = '/things/demo/app'
const put = (value: Uint8Array, revision = 7): StoreEvent => ({
  type: 'put',
  key,
  value,
  previous: undefined,
  revision,
})
const thing = (more: object = {}): KubeObject =>
  ({
    kind: 'Thing',
    apiVersion: 'v1',
    spec: { tags: [{ name: 'a' }], size: 1 },
    ...more,
    metadata: { name: 'app' },
  }) as KubeObject

describe('createObjectCache().expect()', () => {
  it('what was written is known without decoding its bytes', () => {
    const cache = createObjectCache()
    const written = thing()
    const value = encodeObject(written)
    cache.expect(key, value, written)
    // Those of the event are a copy.
    const known = cache.decodeEvent(put(new Uint8Array(value)))
    assert.deepEqual(known, decodeObject(value, 7))
    assert.equal((known as { spec?: object }).spec, (written as { spec?: object }).spec)
    assert.equal(cache.decode({ key, value, revision: 7, created: 7 }), known)
  })

  const odd: Record<string, object> = {
    'a field that is undefined': { spec: { size: undefined } },
    'undefined in a list': { spec: { tags: [undefined] } },
    'an object of a class': { spec: new Date(0) },
    'a number that JSON lacks': { spec: { size: Number.NaN } },
    'minus zero': { spec: { size: -0 } },
  }
  for (const [what, more] of Object.entries(odd)) {
    it(`${what} is decoded, so that all see what is stored`, () => {
      const cache = createObjectCache()
      const written = thing(more)
      const value = encodeObject(written)
      cache.expect(key, value, written)
      assert.deepEqual(cache.decodeEvent(put(value)), decodeObject(value, 7))
    })
  }

  it('what became odd since the write before is decoded, too', () => {
    const tags = [{ name: 'a' }, { name: 'b' }]
    const odd = [
      { tags: [...tags, undefined] },
      { tags: [tags[0], undefined, tags[1]] },
      { tags: [undefined, ...tags] },
      // biome-ignore lint/suspicious/noSparseArray: the hole is the point
      { tags: [, ...tags] },
      { tags, size: -0 },
      { tags: [tags[0], { name: undefined }] },
    ]
    for (const spec of odd) {
      const cache = createObjectCache()
      const before = thing({ spec: { tags, size: 0 } })
      cache.expect(key, encodeObject(before), before)
      cache.decodeEvent(put(encodeObject(before), 6))
      const written = thing({ spec })
      const value = encodeObject(written)
      cache.expect(key, value, written)
      assert.deepEqual(cache.decodeEvent(put(value)), decodeObject(value, 7))
    }
  })

  it('keeps no more than a few writes: those that were too many or too large are decoded', () => {
    const cache = createObjectCache({ eventBytes: 10_000 })
    const written = thing({ spec: { text: 'x'.repeat(20_000) } })
    const value = encodeObject(written)
    cache.expect(key, value, written)
    const known = cache.decodeEvent(put(value))
    assert.deepEqual(known, decodeObject(value, 7))
    assert.notEqual((known as { spec?: object }).spec, (written as { spec?: object }).spec)
  })

  it('other bytes under the same key are decoded', () => {
    const cache = createObjectCache()
    cache.expect(key, encodeObject(thing()), thing())
    const value = encodeObject(thing({ spec: { size: 2 } }))
    assert.deepEqual(cache.decodeEvent(put(value)), decodeObject(value, 7))
  })
})
