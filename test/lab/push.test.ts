import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { imageStreams } from '../../src/api/index.ts'
import { openLab, registryAddress } from './open-lab.ts'
import { randomImage } from './random-image.ts'
import { digestsOf, eventsOf, tag } from './stream-steps.ts'

describe('a push', () => {
  it('becomes the newest tag event of a stream that it makes', async () => {
    await using lab = await openLab()
    await lab.project('demo')
    const { digest } = await lab.push('demo/app:v1', randomImage('one'))
    const [event] = await eventsOf(lab, 'app', 'v1')
    assert.deepEqual(event, {
      created: '2026-01-01T12:00:00Z',
      dockerImageReference: `${registryAddress}/demo/app@${digest}`,
      image: digest,
      generation: 1,
    })
  })

  it('of the same image again changes nothing', async () => {
    await using lab = await openLab()
    await lab.project('demo')
    await lab.push('demo/app:v1', randomImage('one'))
    const before = await lab.client.get(imageStreams, 'demo', 'app')
    lab.clock.advance(60_000)
    await lab.push('demo/app:v1', randomImage('one'))
    assert.deepEqual(await lab.client.get(imageStreams, 'demo', 'app'), before)
  })

  it('moves an alias and leaves a permanent tag', async () => {
    await using lab = await openLab()
    await lab.project('demo')
    const one = await lab.push('demo/app:v1', randomImage('one'))
    await tag(lab, 'app:follow', { kind: 'ImageStreamTag', name: 'app:v1' })
    await tag(lab, 'app:pinned', { kind: 'ImageStreamImage', name: `app@${one.digest}` })
    const two = await lab.push('demo/app:v1', randomImage('two'))
    assert.deepEqual(await digestsOf(lab, 'app', 'follow'), [two.digest, one.digest])
    assert.deepEqual(await digestsOf(lab, 'app', 'pinned'), [one.digest])
  })

  it('to an alias moves the alias alone, which goes on following', async () => {
    await using lab = await openLab()
    await lab.project('demo')
    const one = await lab.push('demo/app:v1', randomImage('one'))
    await tag(lab, 'app:follow', { kind: 'ImageStreamTag', name: 'app:v1' })
    const two = await lab.push('demo/app:follow', randomImage('two'))
    assert.deepEqual(await digestsOf(lab, 'app', 'v1'), [one.digest])
    const three = await lab.push('demo/app:v1', randomImage('three'))
    assert.deepEqual(await digestsOf(lab, 'app', 'follow'), [three.digest, two.digest, one.digest])
  })
})

describe('the history of a tag', () => {
  it('keeps the order of pushes, newest first, with their times', async () => {
    await using lab = await openLab()
    await lab.project('demo')
    const pushed: string[] = []
    for (const seed of ['one', 'two', 'three']) {
      pushed.unshift((await lab.push('demo/app:v1', randomImage(seed))).digest)
      lab.clock.advance(60_000)
    }
    assert.deepEqual(await digestsOf(lab, 'app', 'v1'), pushed)
    const times = (await eventsOf(lab, 'app', 'v1')).map(({ created }) => created)
    assert.deepEqual(times, ['2026-01-01T12:02:00Z', '2026-01-01T12:01:00Z', '2026-01-01T12:00:00Z'])
  })

  it('gets a rollback prepended, so that an image occurs twice', async () => {
    await using lab = await openLab()
    await lab.project('demo')
    const one = await lab.push('demo/app:v1', randomImage('one'))
    const two = await lab.push('demo/app:v1', randomImage('two'))
    await tag(lab, 'app:v1', { kind: 'ImageStreamImage', name: `app@${one.digest}` })
    assert.deepEqual(await digestsOf(lab, 'app', 'v1'), [one.digest, two.digest, one.digest])
    const served = await lab.pull('GET', '/v2/demo/app/manifests/v1')
    assert.equal(served.headers['docker-content-digest'], one.digest)
  })
})
