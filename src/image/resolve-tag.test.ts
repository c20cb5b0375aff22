import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { findImageEvent } from './resolve-image-id.ts'
import { pullSpec, resolveTag } from './resolve-tag.ts'
import { digest, event, fromDocker, history, stream } from './stream-fixture.ts'

const local = { referencePolicy: { type: 'Local' } }
const pushed = event('a')

describe('pullSpec', () => {
  const withPolicy = (more: object) => stream({ tags: [fromDocker('t', 'x/y', more)] })

  it('is the event’s own for Source, and without a spec tag', () => {
    assert.equal(pullSpec(withPolicy({}), 't', pushed), pushed.dockerImageReference)
    assert.equal(pullSpec(stream(), 't', pushed), pushed.dockerImageReference)
  })
  it('is the integrated registry’s for Local', () => {
    assert.equal(pullSpec(withPolicy(local), 't', pushed), `reg:5000/p/ruby@${digest('a')}`)
  })
  it('is the event’s own where that cannot be', () => {
    const reference = { ...pushed, image: '' }
    assert.equal(pullSpec(withPolicy(local), 't', reference), pushed.dockerImageReference)
    const homeless = withPolicy(local)
    const bare = { ...homeless, status: { dockerImageRepository: '' } }
    assert.equal(pullSpec(bare, 't', pushed), pushed.dockerImageReference)
  })
})

it('resolveTag tells what a tag stands for, or why for nothing', () => {
  const reference = { ...pushed, image: '' }
  const found = stream({
    tags: [fromDocker('waiting', 'x/y'), fromDocker('local', 'x/y', local)],
    histories: [history('local', pushed, event('b')), history('ref', reference), history('failed')],
  })
  const kinds = ['local', 'ref', 'waiting', 'failed', 'none'].map((tag) => resolveTag(found, tag))
  assert.deepEqual(kinds, [
    { kind: 'image', image: digest('a'), reference: `reg:5000/p/ruby@${digest('a')}`, event: pushed },
    { kind: 'reference', reference: pushed.dockerImageReference, event: reference },
    { kind: 'missing', why: 'no-history' },
    { kind: 'missing', why: 'no-history' },
    { kind: 'missing', why: 'no-tag' },
  ])
})

it('findImageEvent looks through all of the history', () => {
  const found = stream({ histories: [history('x', event('a'), event('b')), history('y', event('b'))] })
  assert.deepEqual(findImageEvent(found, 'bbb'), { kind: 'found', event: event('b') })
  assert.deepEqual(findImageEvent(found, 'ccc'), { kind: 'none' })
  assert.deepEqual(findImageEvent(found, 'sha256:'), { kind: 'many', images: [digest('a'), digest('b')] })
})
