import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { imageStreamImages, imageStreams, imageStreamTags, images, imageTags } from '../../src/api/index.ts'
import { isApiError } from '../../src/machinery/errors.ts'
import { openLab } from './open-lab.ts'
import { randomImage } from './random-image.ts'
import { eventsOf, tag } from './stream-steps.ts'

describe('the views of a stream', () => {
  it('show the tag that the stream has', async () => {
    await using lab = await openLab()
    await lab.project('demo')
    const pushed = await lab.push('demo/app:v1', randomImage('one'))
    await tag(lab, 'app:stable', { kind: 'ImageStreamTag', name: 'app:v1' })
    const alice = lab.as('alice')
    const stream = await alice.get(imageStreams, 'demo', 'app')
    const event = (await eventsOf(lab, 'app', 'stable'))[0]
    const istag = await alice.get(imageStreamTags, 'demo', 'app:stable')
    assert.equal(istag.metadata.uid, stream.metadata.uid)
    assert.equal(istag.metadata.resourceVersion, stream.metadata.resourceVersion)
    assert.equal(istag.metadata.creationTimestamp, event?.created)
    assert.equal(istag.generation, event?.generation)
    assert.deepEqual(istag.tag, stream.spec.tags?.[0])
    assert.equal(istag.image.metadata.name, pushed.digest)
    assert.equal(istag.image.dockerImageReference, event?.dockerImageReference)
    const itag = await alice.get(imageTags, 'demo', 'app:stable')
    assert.deepEqual(itag.spec, istag.tag)
    assert.deepEqual(itag.status?.items, [event])
    assert.equal(itag.image?.metadata.name, pushed.digest)
  })

  it('list every tag of every stream of the project', async () => {
    await using lab = await openLab()
    await lab.project('demo')
    await lab.push('demo/app:v1', randomImage('one'))
    await lab.push('demo/app:v2', randomImage('two'))
    await lab.push('demo/web:v1', randomImage('one'))
    const { items } = await lab.as('alice').list(imageStreamTags, 'demo')
    assert.deepEqual(
      items.map(({ metadata }) => metadata.name),
      ['app:v1', 'app:v2', 'web:v1'],
    )
  })

  it('give an image by its digest or the start of it, and no other', async () => {
    await using lab = await openLab()
    await lab.project('demo')
    const { digest, layers, config } = await lab.push('demo/app:v1', randomImage('one'))
    const alice = lab.as('alice')
    for (const id of [digest, digest.slice(0, 20), digest.slice(7, 17)]) {
      const found = await alice.get(imageStreamImages, 'demo', `app@${id}`)
      assert.equal(found.metadata.name, `app@${id}`)
      assert.equal(found.image.metadata.name, digest)
      assert.deepEqual(
        found.image.dockerImageLayers?.map(({ name }) => name),
        layers.map((layer) => layer.digest),
      )
      assert.equal((found.image.dockerImageMetadata as { Id?: string }).Id, config.digest)
    }
    await lab.push('demo/other:v1', randomImage('two'))
    await assert.rejects(alice.get(imageStreamImages, 'demo', `app@${randomImage('two').digest}`), (error) =>
      isApiError(error, 'NotFound'),
    )
  })

  it('of an index give its images too, and who pulls one gets the bytes that were pushed', async () => {
    await using lab = await openLab()
    await lab.project('demo')
    const parts = { amd64: randomImage('a'), arm64: randomImage('b', { architecture: 'arm64' }) }
    const index = await lab.pushIndex('demo/app:multi', parts)
    const image = await lab.client.get(images, '', index.digest)
    assert.deepEqual(
      image.dockerImageManifests?.map(({ digest, architecture }) => [digest, architecture]),
      [
        [parts.amd64.digest, 'amd64'],
        [parts.arm64.digest, 'arm64'],
      ],
    )
    const child = await lab.as('alice').get(imageStreamImages, 'demo', `app@${parts.arm64.digest}`)
    assert.equal(child.image.metadata.name, parts.arm64.digest)
    for (const [reference, expected] of [
      ['multi', index] as const,
      [parts.arm64.digest, parts.arm64] as const,
    ]) {
      const headers = { accept: expected.mediaType }
      const served = await lab.pull('GET', `/v2/demo/app/manifests/${reference}`, { headers })
      assert.equal(served.status, 200)
      assert(served.bytes.equals(expected.bytes))
    }
  })

  it('in lists of tags that a limit cuts off, all come in the end', async () => {
    await using lab = await openLab()
    await lab.project('demo')
    for (const stream of ['a', 'b', 'c'])
      for (const tag of ['1', '2']) await lab.push(`demo/${stream}:${tag}`, randomImage(`${stream}${tag}`))
    for (const kind of ['imagestreamtags', 'imagetags']) {
      const path = `/apis/image.openshift.io/v1/namespaces/demo/${kind}?limit=2`
      const first = (await lab.call('GET', path)).json<TagList>()
      assert.deepEqual(namesOf(first), ['a:1', 'a:2', 'b:1', 'b:2'])
      const token = encodeURIComponent(first.metadata.continue ?? '')
      const second = (await lab.call('GET', `${path}&continue=${token}`)).json<TagList>()
      assert.deepEqual(namesOf(second), ['c:1', 'c:2'])
      assert.deepEqual(second.metadata, {})
    }
  })
})

interface TagList {
  metadata: { continue?: string }
  items: { metadata: { name: string } }[]
}

const namesOf = ({ items }: TagList) => items.map(({ metadata }) => metadata.name)
