import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { imageStreams, imageStreamTags, type TagEventRecord, tagEvents } from '../../src/api/index.ts'
import { type Lab, openLab, registryAddress } from './open-lab.ts'
import { randomImage } from './random-image.ts'
import { tag } from './stream-steps.ts'

/** Records of a stream of project demo, newest first, tag by tag. */
export async function recordsOf(lab: Lab, stream: string, name?: string): Promise<TagEventRecord[]> {
  const fieldSelector = `stream=${stream}${name === undefined ? '' : `,tag=${name}`}`
  return (await lab.as('alice').list(tagEvents, 'demo', { fieldSelector })).items
}

const brief = ({ tag: name, cause, subject, before, after }: TagEventRecord) =>
  `${name} ${before?.image.slice(7, 11) ?? '-'}>${after?.image.slice(7, 11) ?? '-'} ${cause} ${subject}`

const short = (digest: string) => digest.slice(7, 11)

describe('records of moves', () => {
  it('tell a push: who, from what to what, and what changed in the image', async () => {
    await using lab = await openLab()
    await lab.project('demo')
    const one = await lab.push('demo/app:v1', randomImage('one'))
    lab.clock.advance(60_000)
    const two = await lab.push('demo/app:v1', randomImage('two', { layerSize: 700 }))
    const [newest, oldest, ...more] = await recordsOf(lab, 'app', 'v1')
    assert.deepEqual(more, [])
    assert.equal(brief(oldest as TagEventRecord), `v1 ->${short(one.digest)} push alice`)
    const { metadata, changes, ...rest } = newest as TagEventRecord
    assert.deepEqual(rest, {
      stream: 'app',
      tag: 'v1',
      time: '2026-01-01T12:01:00.000000Z',
      cause: 'push',
      subject: 'alice',
      generation: 1,
      before: {
        image: one.digest,
        dockerImageReference: `${registryAddress}/demo/app@${one.digest}`,
        mediaType: one.mediaType,
      },
      after: {
        image: two.digest,
        dockerImageReference: `${registryAddress}/demo/app@${two.digest}`,
        mediaType: two.mediaType,
      },
    })
    assert.equal(metadata.namespace, 'demo')
    assert.deepEqual(
      changes?.map(({ field }) => field),
      ['size'],
    )
  })

  it('tell followers, tag commands, writes of the API and ends, each once', async () => {
    await using lab = await openLab()
    await lab.project('demo')
    const one = await lab.push('demo/app:v1', randomImage('one'))
    await tag(lab, 'app:follow', { kind: 'ImageStreamTag', name: 'app:v1' })
    const two = await lab.push('demo/app:v1', randomImage('two'))
    await tag(lab, 'app:pinned', { kind: 'ImageStreamImage', name: `app@${one.digest}` })
    await lab.as('alice').delete(imageStreamTags, 'demo', 'app:follow')
    const [a, b] = [short(one.digest), short(two.digest)]
    assert.deepEqual((await recordsOf(lab, 'app')).map(brief), [
      `follow ${b}>- tag alice`,
      `follow ${a}>${b} push alice`,
      `follow ->${a} tag alice`,
      `pinned ->${a} tag alice`,
      `v1 ${a}>${b} push alice`,
      `v1 ->${a} push alice`,
    ])
    const [, follow] = await recordsOf(lab, 'app', 'follow')
    assert.deepEqual(follow?.source, { kind: 'ImageStreamTag', name: 'app:v1' })
    const stream = await lab.client.get(imageStreams, 'demo', 'app')
    const status = { ...stream.status, tags: stream.status.tags?.filter((each) => each.tag !== 'v1') ?? [] }
    await lab.as('root').update(imageStreams, 'demo', { ...stream, status }, { subresource: 'status' })
    assert.equal(brief((await recordsOf(lab, 'app', 'v1'))[0] as TagEventRecord), `v1 ${b}>- api root`)
    await lab.as('alice').delete(imageStreams, 'demo', 'app')
    const [last] = await recordsOf(lab, 'app')
    assert.deepEqual([last?.tag, last?.cause, last?.subject], ['', 'api', 'alice'])
    await lab.push('demo/app:v1', randomImage('three'))
    assert.equal((await recordsOf(lab, 'app', 'v1')).length, 4)
  })

  it('are not written for what moves nothing, nor where they are switched off', async () => {
    await using lab = await openLab()
    await lab.project('demo')
    await lab.push('demo/app:v1', randomImage('one'))
    await lab.push('demo/app:v1', randomImage('one'))
    const stream = await lab.client.get(imageStreams, 'demo', 'app')
    await lab.as('alice').update(imageStreams, 'demo', {
      ...stream,
      metadata: { ...stream.metadata, labels: { a: 'b' } },
    })
    assert.equal((await recordsOf(lab, 'app')).length, 1)
    await using off = await openLab({ config: 'history: {records: false}' })
    await off.project('demo')
    await off.push('demo/app:v1', randomImage('one'))
    assert.deepEqual(await recordsOf(off, 'app'), [])
  })
})
