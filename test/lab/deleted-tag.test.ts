import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { imageStreams, imageStreamTags, images } from '../../src/api/index.ts'
import { openLab } from './open-lab.ts'
import { randomImage } from './random-image.ts'
import { digestsOf, tag } from './stream-steps.ts'

const byStream = 'registry: {manifestVisibility: stream}'

describe('a deleted tag', () => {
  it('makes its digests unreachable where the stream decides', async () => {
    await using lab = await openLab({ config: byStream })
    await lab.project('demo')
    const one = await lab.push('demo/app:v1', randomImage('one'))
    const two = await lab.push('demo/app:v1', randomImage('two'))
    const kept = await lab.push('demo/app:kept', randomImage('kept'))
    const status = async (digest: string) =>
      (await lab.pull('HEAD', `/v2/demo/app/manifests/${digest}`)).status
    assert.deepEqual(
      [await status(one.digest), await status(two.digest), await status('v1')],
      [200, 200, 200],
    )
    await lab.as('alice').delete(imageStreamTags, 'demo', 'app:v1')
    assert.deepEqual(
      [await status(one.digest), await status(two.digest), await status('v1')],
      [404, 404, 404],
    )
    assert.equal(await status(kept.digest), 200)
  })

  it('leaves a digest reachable that another tag has', async () => {
    await using lab = await openLab({ config: byStream })
    await lab.project('demo')
    const { digest } = await lab.push('demo/app:v1', randomImage('one'))
    await tag(lab, 'app:pinned', { kind: 'ImageStreamImage', name: `app@${digest}` })
    await lab.as('alice').delete(imageStreamTags, 'demo', 'app:v1')
    assert.equal((await lab.pull('GET', `/v2/demo/app/manifests/${digest}`)).status, 200)
  })

  it('keeps the Image and the stream, and what followed it keeps its history', async () => {
    await using lab = await openLab()
    await lab.project('demo')
    const { digest } = await lab.push('demo/app:v1', randomImage('one'))
    await tag(lab, 'app:follow', { kind: 'ImageStreamTag', name: 'app:v1' })
    await lab.as('alice').delete(imageStreamTags, 'demo', 'app:v1')
    assert.deepEqual(await digestsOf(lab, 'app', 'v1'), [])
    assert.deepEqual(await digestsOf(lab, 'app', 'follow'), [digest])
    assert.equal((await lab.client.get(images, '', digest)).metadata.name, digest)
    await lab.as('alice').delete(imageStreamTags, 'demo', 'app:follow')
    assert.equal((await lab.client.get(imageStreams, 'demo', 'app')).status.tags, undefined)
  })
})
