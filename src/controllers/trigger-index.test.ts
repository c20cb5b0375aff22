import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ImageStream } from '../api/index.ts'
import { createTriggerIndex } from './trigger-index.ts'

const source = (tag: string, stream = 'app') => ({ namespace: 'demo', stream, tag })

function stream(tags: Record<string, string>, name = 'app'): ImageStream {
  return {
    metadata: { name, namespace: 'demo' },
    spec: { lookupPolicy: { local: false } },
    status: {
      dockerImageRepository: '',
      tags: Object.entries(tags).map(([tag, image]) => ({
        tag,
        items: [{ created: null, dockerImageReference: image, image, generation: 1 }],
      })),
    },
  }
}

describe('trigger index', () => {
  it('names the followers of the tags that moved, and no others', () => {
    const index = createTriggerIndex()
    index.put('a', [source('v1')], '')
    index.put('b', [source('v1'), source('v2')], '')
    index.put('c', [source('v2')], '')
    assert.deepEqual(index.moved(stream({ v1: 'x', v2: 'y' })).sort(), ['a', 'b', 'c'])
    assert.deepEqual(index.moved(stream({ v1: 'x', v2: 'y', v3: 'z' })), [])
    assert.deepEqual(index.moved(stream({ v1: 'x2', v2: 'y' })), ['a', 'b'])
    assert.deepEqual(index.moved(stream({ v1: 'x' }, 'other')), [])
    assert.deepEqual(index.gone(stream({ v1: 'x2', v2: 'y' })).sort(), ['a', 'b', 'c'])
  })

  it('forgets what an object no longer follows', () => {
    const index = createTriggerIndex()
    index.put('a', [source('v1')], '')
    index.put('a', [source('v2')], '')
    assert.deepEqual(index.moved(stream({ v1: 'x', v2: 'y' })), ['a'])
    assert.deepEqual(index.moved(stream({ v1: 'x2', v2: 'y' })), [])
    assert.equal(index.drop('a'), true)
    assert.equal(index.drop('a'), false)
    assert.deepEqual(index.moved(stream({ v2: 'x' })), [])
    assert.equal(index.size, 0)
  })

  it('tells an object that changed from one that is only heard of again', () => {
    const index = createTriggerIndex()
    assert.equal(index.put('a', [], 'one'), true)
    assert.equal(index.put('a', [], 'one'), false)
    assert.equal(index.put('a', [], 'two'), true)
  })
})
