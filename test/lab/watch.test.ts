import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type ImageStream, imageStreams, imageStreamTags } from '../../src/api/index.ts'
import type { WatchEvent } from '../../src/client/client.ts'
import { openLab } from './open-lab.ts'
import { randomImage } from './random-image.ts'
import { tag } from './stream-steps.ts'

async function take(events: AsyncIterable<WatchEvent<ImageStream>>, count: number) {
  const seen: WatchEvent<ImageStream>[] = []
  for await (const event of events) if (seen.push(event) === count) break
  return seen
}

/** `MODIFIED v1=2 follow=1`: type, and the number of events of each tag. */
function short({ type, object }: WatchEvent<ImageStream>): string {
  assert(type !== 'ERROR')
  const tags = (object as ImageStream).status.tags ?? []
  return [type, ...tags.map(({ tag: name, items }) => `${name}=${items?.length ?? 0}`)].join(' ')
}

describe('a watch', () => {
  it('sees each event once and in order, from before the first', async () => {
    await using lab = await openLab()
    await lab.project('demo')
    const { metadata } = await lab.as('alice').list(imageStreams, 'demo')
    const from = { resourceVersion: metadata.resourceVersion ?? '' }
    const seen = take(lab.as('alice').watch(imageStreams, 'demo', from), 6)
    await lab.push('demo/app:v1', randomImage('one'))
    await tag(lab, 'app:follow', { kind: 'ImageStreamTag', name: 'app:v1' })
    await lab.push('demo/app:v1', randomImage('two'))
    await lab.as('alice').delete(imageStreamTags, 'demo', 'app:follow')
    await lab.as('alice').delete(imageStreams, 'demo', 'app')
    assert.deepEqual((await seen).map(short), [
      'ADDED',
      'MODIFIED v1=1',
      'MODIFIED follow=1 v1=1',
      'MODIFIED follow=2 v1=2',
      'MODIFIED v1=2',
      'DELETED v1=2',
    ])
  })

  it('that comes later gets the same events, and each goes on from the one before', async () => {
    await using lab = await openLab()
    await lab.project('demo')
    const alice = lab.as('alice')
    const { metadata } = await alice.list(imageStreams, 'demo')
    for (const seed of ['one', 'two', 'three']) await lab.push('demo/app:v1', randomImage(seed))
    const from = { resourceVersion: metadata.resourceVersion ?? '' }
    const all = await take(alice.watch(imageStreams, 'demo', from), 4)
    const revisions = all.map(({ object }) => Number((object as ImageStream).metadata.resourceVersion))
    assert.deepEqual(
      revisions,
      [...new Set(revisions)].sort((a, b) => a - b),
    )
    for (const [at, resourceVersion] of revisions.slice(0, -1).entries()) {
      const rest = await take(
        alice.watch(imageStreams, 'demo', { resourceVersion: `${resourceVersion}` }),
        all.length - at - 1,
      )
      assert.deepEqual(rest, all.slice(at + 1))
    }
  })

  it('over the wire has the initial events, their bookmark, and then what follows', async () => {
    await using lab = await openLab()
    await lab.project('demo')
    await lab.push('demo/app:v1', randomImage('one'))
    const path =
      '/apis/image.openshift.io/v1/namespaces/demo/imagestreams?watch=true&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan'
    const response = await lab.api.inject({
      url: path,
      headers: { authorization: 'Bearer alice-token' },
      payloadAsStream: true,
    })
    assert.equal(response.statusCode, 200)
    let text = ''
    let pushed = false
    for await (const chunk of response.stream()) {
      text += chunk
      if (text.includes('initial-events-end') && !pushed) {
        pushed = true
        await lab.push('demo/app:v1', randomImage('two'))
      }
      if (text.split('\n').length > 3) break
    }
    const events = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as WatchEvent<ImageStream>)
    assert.deepEqual(
      events.map(({ type }) => type),
      ['ADDED', 'BOOKMARK', 'MODIFIED'],
    )
    assert.equal(short(events[2] as WatchEvent<ImageStream>), 'MODIFIED v1=2')
  })
})
