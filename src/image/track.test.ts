import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { ImageStream } from '../api/image/index.ts'
import { addTagEvent } from './history.ts'
import { digest, event, fromImage, fromTag, history, stream, summary } from './stream-fixture.ts'
import { latestEvent } from './stream-tags.ts'
import { followersByTag, updateFollowers } from './track.ts'

describe('followersByTag', () => {
  it('takes both spellings and no other stream', () => {
    const tags = [
      fromTag('short', 'a'),
      fromTag('long', 'ruby:a'),
      fromTag('other', 'rails:a'),
      { ...fromTag('abroad', 'ruby:a'), from: { kind: 'ImageStreamTag', name: 'ruby:a', namespace: 'q' } },
      { ...fromTag('home', 'ruby:a'), from: { kind: 'ImageStreamTag', name: 'ruby:a', namespace: 'p' } },
      fromImage('pinned', `ruby@${digest('a')}`),
    ]
    assert.deepEqual(Object.fromEntries(followersByTag(stream({ tags }))), { a: ['home', 'long', 'short'] })
  })
})

describe('updateFollowers', () => {
  const tags = [fromTag('b', 'a'), fromTag('c', 'b')]
  const old = stream({
    tags,
    histories: [history('a', event('a')), history('b', event('a')), history('c', event('a'))],
  })

  it('moves what follows a tag that moved, and no further', () => {
    assert.deepEqual(summary(updateFollowers(addTagEvent(old, 'a', event('b')), old)), {
      a: 'b@1 a@1',
      b: 'b@1 a@1',
      c: 'a@1',
    })
  })
  it('hands a new generation on as well', () => {
    assert.deepEqual(summary(updateFollowers(addTagEvent(old, 'a', event('a', 4)), old)), {
      a: 'a@4',
      b: 'a@4',
      c: 'a@1',
    })
  })
  it('leaves a follower alone that was pushed to itself', () => {
    const pushed = addTagEvent(old, 'c', event('d'))
    assert.equal(updateFollowers(pushed, old), pushed)
  })
  it('leaves followers alone when the source goes', () => {
    const { tags: all = [], ...status } = old.status
    const gone: ImageStream = { ...old, status: { ...status, tags: all.filter(({ tag }) => tag !== 'a') } }
    assert.equal(updateFollowers(gone, old), gone)
  })
  it('circles come to rest', () => {
    const circle = stream({ tags: [fromTag('a', 'b'), fromTag('b', 'a')] })
    const once = updateFollowers(addTagEvent(circle, 'a', event('a')), circle)
    assert.deepEqual(summary(once), { a: 'a@1', b: 'a@1' })
    assert.equal(updateFollowers(once, once), once)
    assert.deepEqual(summary(updateFollowers(once, circle)), summary(once))
  })
})

it('after any move every follower of it stands where it stands', () => {
  const names = ['a', 'b', 'c', 'd']
  const edges = fc.array(fc.tuple(fc.constantFrom(...names), fc.constantFrom(...names)), { maxLength: 6 })
  fc.assert(
    fc.property(edges, fc.constantFrom(...names), fc.constantFrom('a', 'b', 'c'), (pairs, moved, letter) => {
      const old = stream({
        tags: pairs.map(([name, from]) => fromTag(name, from)),
        histories: names.map((name) => history(name, event('f'))),
      })
      const next = updateFollowers(addTagEvent(old, moved, event(letter, 2)), old)
      for (const follower of followersByTag(next).get(moved) ?? []) {
        assert.deepEqual(latestEvent(next, follower), latestEvent(next, moved))
      }
      for (const name of names) {
        const count = next.status.tags?.find(({ tag }) => tag === name)?.items?.length
        assert.ok(count === 1 || count === 2)
      }
    }),
    { verbose: true },
  )
})
