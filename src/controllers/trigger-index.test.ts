import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ImageStream } from '../api/index.ts'
import { createTriggerIndex } from './trigger-index.ts'

const source = (tag: string, image?: string) => ({
  source: { namespace: 'demo', stream: 'app', tag },
  ...(image === undefined ? {} : { image }),
})

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
    assert.equal(index.put('a', [], 'one'), 'first')
    assert.equal(index.put('a', [], 'one'), 'same')
    assert.equal(index.put('a', [], 'two'), 'changed')
  })

  it('leaves out the followers that have the image already', () => {
    const index = createTriggerIndex()
    index.put('has', [source('v1', 'x')], '')
    index.put('had', [source('v1', 'w')], '')
    index.put('both', [source('v1', 'x'), source('v1', 'w')], '')
    assert.deepEqual(index.moved(stream({ v1: 'x' })), ['had', 'both'])
    assert.deepEqual(index.moved(stream({ v1: 'w' })), ['has', 'both'])
    index.put('has', [source('v1', 'w')], '')
    assert.equal(index.isCurrent('has'), true)
    assert.equal(index.isCurrent('both'), false)
  })

  it('tells without a look who is up to date, once it knows the tags', () => {
    const index = createTriggerIndex()
    index.put('a', [source('v1', 'x'), source('v2', 'y')], '')
    assert.equal(index.isCurrent('a'), false)
    const [first] = index.unknownSources('a')
    assert.deepEqual(first, source('v1').source)
    if (first !== undefined) index.learn(first, stream({ v1: 'x', v2: 'y' }))
    assert.deepEqual(index.unknownSources('a'), [])
    assert.equal(index.isCurrent('a'), true)
    index.put('none', [], '')
    assert.equal(index.isCurrent('none'), false)
    if (first !== undefined) index.learn(first, stream({ v1: 'older' }))
    assert.equal(index.isCurrent('a'), true)
  })

  it('knows nobody to be up to date with a stream that is not there', () => {
    const index = createTriggerIndex()
    index.put('a', [source('v1', 'x')], '')
    index.learn(source('v1').source, undefined)
    assert.deepEqual(index.unknownSources('a'), [])
    assert.equal(index.isCurrent('a'), false)
  })
})
