import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  type BlobCollection,
  type BlobCollectionStatus,
  type BlobRestoration,
  type BlobReview,
  blobCollections,
  blobRestorations,
  blobReviews,
  type ImageStream,
  imageStreams,
  imageStreamTags,
  images,
  type StorageReport,
  storageReports,
} from '../../src/api/index.ts'
import { isApiError } from '../../src/machinery/errors.ts'
import type { Digest } from '../../src/oci/index.ts'
import { type Lab, openLab } from './open-lab.ts'
import { descriptorOf, randomImage, type TestImage, toBlob } from './random-image.ts'

const hour = 3_600_000
const config = 'garbageCollection: { grace: 1h, trash: 24h }'

async function collect(lab: Lab, spec: BlobCollection['spec'] = {}): Promise<BlobCollectionStatus> {
  const made = await lab.as('root').create(blobCollections, '', { metadata: {}, spec } as BlobCollection)
  return made.status as BlobCollectionStatus
}

async function review(lab: Lab, digest: Digest) {
  const asked = { metadata: {}, spec: { digest } } as BlobReview
  const { status } = await lab.as('root').create(blobReviews, '', asked)
  assert(status)
  return status
}

async function undelete(lab: Lab, digest: Digest, to?: string) {
  const asked = { metadata: {}, spec: { digest, ...(to === undefined ? {} : { to }) } } as BlobRestoration
  const { status } = await lab.as('root').create(blobRestorations, '', asked)
  assert(status)
  return status
}

const blobsOf = ({ digest, config: { digest: configDigest }, layers }: TestImage): Digest[] => [
  digest,
  configDigest,
  ...layers.map((layer) => layer.digest),
]

async function stored(lab: Lab, digests: readonly Digest[]): Promise<number> {
  const found = await Promise.all(digests.map((digest) => lab.blobs.stat(digest)))
  return found.filter((each) => each !== undefined).length
}

/** The image without tag and without object: nothing refers to it any more. */
async function forget(lab: Lab, image: TestImage, tag: string): Promise<void> {
  await lab.client.delete(imageStreamTags, 'demo', tag)
  await lab.client.delete(images, '', image.digest)
}

describe('collecting blobs', () => {
  it('keeps what tags, histories, images and indexes name', async () => {
    await using lab = await openLab({ config })
    await lab.project('demo')
    const first = await lab.push('demo/app:v1', randomImage('first'))
    const second = await lab.push('demo/app:v1', randomImage('second'))
    const parts = { amd64: randomImage('amd64'), arm64: randomImage('arm64') }
    const index = await lab.pushIndex('demo/app:multi', parts)
    const tagless = await lab.push('demo/app:gone', randomImage('gone'))
    await lab.client.delete(imageStreamTags, 'demo', 'app:gone')
    lab.clock.advance(100 * hour)
    const report = await collect(lab)
    const all = [first, second, ...Object.values(parts), tagless].flatMap(blobsOf)
    assert.equal(await stored(lab, [...all, index.digest]), all.length + 1)
    assert.deepEqual(report.discarded, { blobs: 0, bytes: 0 })
    assert.equal(report.kept, all.length + 1)
  })

  it('takes in three steps what nothing names: it waits, lies in the trash, and is gone', async () => {
    await using lab = await openLab({ config })
    await lab.project('demo')
    const image = await lab.push('demo/app:v1', randomImage('one'))
    await forget(lab, image, 'app:v1')
    const blobs = blobsOf(image)
    lab.clock.advance(0.9 * hour)
    const early = await collect(lab)
    assert.equal(early.waiting, blobs.length)
    assert.equal(await stored(lab, blobs), blobs.length)
    lab.clock.advance(0.2 * hour)
    const dry = await collect(lab, { dryRun: true })
    assert.equal(dry.discarded?.blobs, blobs.length)
    assert.equal(await stored(lab, blobs), blobs.length)
    const { discarded } = await collect(lab)
    assert.deepEqual(discarded, dry.discarded)
    assert.equal(await stored(lab, blobs), 0)
    lab.clock.advance(23 * hour)
    assert.deepEqual((await collect(lab)).deleted, { blobs: 0, bytes: 0 })
    lab.clock.advance(2 * hour)
    assert.deepEqual((await collect(lab)).deleted, discarded)
    assert.deepEqual((await lab.store.list('registry/')).entries, [])
    assert.equal((await review(lab, image.digest)).state, 'absent')
  })

  it('takes blobs that were uploaded for a manifest that never came', async () => {
    await using lab = await openLab({ config })
    await lab.project('demo')
    const { layers } = randomImage('unfinished')
    for (const { digest, bytes } of layers) {
      const path = `/v2/demo/app/blobs/uploads/?digest=${digest}`
      assert.equal((await lab.pull('POST', path, { body: bytes })).status, 201)
    }
    lab.clock.advance(2 * hour)
    assert.equal((await collect(lab)).discarded?.blobs, layers.length)
  })

  it('a push that takes longer than the grace time loses nothing while its repository is written to', async () => {
    await using lab = await openLab({ config })
    await lab.project('demo')
    const image = randomImage('slow')
    const parts = [image.config, ...image.layers]
    for (const { digest, bytes } of parts) {
      const path = `/v2/demo/app/blobs/uploads/?digest=${digest}`
      assert.equal((await lab.pull('POST', path, { body: bytes })).status, 201)
      lab.clock.advance(0.7 * hour)
      const { discarded } = await collect(lab)
      assert.equal(discarded?.blobs, 0)
    }
    await lab.push('demo/app:v1', image)
    assert.equal(await stored(lab, blobsOf(image)), 4)
  })

  it('what a pusher was told to be there is there when he names it, also from the trash', async () => {
    await using lab = await openLab({ config })
    await lab.project('demo')
    const image = await lab.push('demo/app:v1', randomImage('one'))
    await forget(lab, image, 'app:v1')
    lab.clock.advance(2 * hour)
    for (const { digest } of image.layers.slice(0, 1)) {
      assert.equal((await lab.pull('HEAD', `/v2/demo/app/blobs/${digest}`)).status, 200)
    }
    await collect(lab)
    assert.equal(await stored(lab, blobsOf(image)), 1)
    // The others are in the trash, and still this repository's.
    for (const { digest } of [image.config, ...image.layers]) {
      assert.equal((await lab.pull('HEAD', `/v2/demo/app/blobs/${digest}`)).status, 200)
    }
    const path = '/v2/demo/app/manifests/v2'
    const headers = { 'content-type': image.mediaType }
    assert.equal((await lab.pull('PUT', path, { body: image.bytes, headers })).status, 201)
    assert.equal(await stored(lab, blobsOf(image)), 4)
    lab.clock.advance(48 * hour)
    const report = await collect(lab)
    assert.equal(report.kept, 4)
    // The manifest was put anew; the copy in the trash is of no more use.
    assert.equal(report.deleted?.blobs, 1)
    assert.equal(await stored(lab, blobsOf(image)), 4)
  })

  it('a pull that began before the image was forgotten goes on to its end', async () => {
    await using lab = await openLab({ config })
    await lab.project('demo')
    const image = await lab.push('demo/app:v1', randomImage('one'))
    lab.clock.advance(2 * hour)
    const manifest = await lab.pull('GET', `/v2/demo/app/manifests/${image.digest}`)
    assert.equal(manifest.status, 200)
    await forget(lab, image, 'app:v1')
    await collect(lab)
    for (const { digest } of image.layers) {
      assert.equal((await lab.pull('GET', `/v2/demo/app/blobs/${digest}`)).status, 200)
    }
  })

  it('a referrer stays as long as its subject, though no tag names it', async () => {
    await using lab = await openLab({ config })
    await lab.project('demo')
    const image = await lab.push('demo/app:v1', randomImage('one'))
    const base = randomImage('signature')
    const document = { ...JSON.parse(base.bytes.toString()), subject: descriptorOf(image) }
    const bytes = Buffer.from(JSON.stringify(document))
    const signature = { ...base, ...toBlob(bytes, base.mediaType) }
    await lab.push(`demo/app@${signature.digest}`, signature)
    await lab.client.delete(images, '', signature.digest)
    lab.clock.advance(2 * hour)
    assert.equal((await collect(lab)).discarded?.blobs, 0)
    assert.equal(await stored(lab, blobsOf(signature)), 4)
    await forget(lab, image, 'app:v1')
    lab.clock.advance(2 * hour)
    await collect(lab)
    assert.equal(await stored(lab, [...blobsOf(image), ...blobsOf(signature)]), 0)
  })

  it('a tag whose Image object is gone still holds its content', async () => {
    await using lab = await openLab({ config })
    await lab.project('demo')
    const image = await lab.push('demo/app:v1', randomImage('one'))
    await lab.client.delete(images, '', image.digest)
    lab.clock.advance(2 * hour)
    await collect(lab)
    assert.equal(await stored(lab, blobsOf(image)), 4)
  })

  it('says what holds a blob, and why another may go', async () => {
    await using lab = await openLab({ config })
    await lab.project('demo')
    const image = await lab.push('demo/app:v1', randomImage('one'))
    const layer = image.layers[0]?.digest as Digest
    const held = await review(lab, layer)
    assert.equal(held.verdict, 'keep')
    assert.deepEqual(held.repositories, ['demo/app'])
    const [holder] = held.holders ?? []
    assert.equal(holder?.role, 'layer')
    assert.equal(holder?.image, image.digest)
    assert.equal(holder?.tags?.[0]?.stream, 'demo/app')
    assert.equal(holder?.tags?.[0]?.tag, 'v1')
    await forget(lab, image, 'app:v1')
    const waiting = await review(lab, layer)
    assert.deepEqual([waiting.verdict, waiting.reason], ['wait', 'recent'])
    lab.clock.advance(2 * hour)
    assert.equal((await review(lab, layer)).verdict, 'discard')
    await collect(lab)
    const trashed = await review(lab, layer)
    assert.deepEqual([trashed.state, trashed.verdict, trashed.reason], ['discarded', 'wait', 'trash'])
    lab.clock.advance(25 * hour)
    assert.equal((await review(lab, layer)).verdict, 'delete')
  })

  it('undelete brings back an image with all its parts, as a tag when asked', async () => {
    await using lab = await openLab({ config })
    await lab.project('demo')
    const image = await lab.push('demo/app:v1', randomImage('one'))
    await forget(lab, image, 'app:v1')
    lab.clock.advance(2 * hour)
    await collect(lab)
    const back = await undelete(lab, image.digest)
    assert.equal(back.restored?.length, 4)
    assert.equal(back.held, false)
    assert.equal(await stored(lab, blobsOf(image)), 4)
    lab.clock.advance(2 * hour)
    await collect(lab)
    assert.equal(await stored(lab, blobsOf(image)), 0)
    const again = await undelete(lab, image.digest, 'demo/other:v1')
    assert.equal(again.held, true)
    const pulled = await lab.pull('GET', '/v2/demo/other/manifests/v1')
    assert.deepEqual(pulled.bytes, image.bytes)
    for (const { digest, bytes } of [image.config, ...image.layers]) {
      assert.deepEqual((await lab.pull('GET', `/v2/demo/other/blobs/${digest}`)).bytes, bytes)
    }
    lab.clock.advance(100 * hour)
    await collect(lab)
    assert.equal(await stored(lab, blobsOf(image)), 4)
  })

  it('what a pruner deleted is gone for clients, and can be brought back for those who had it', async () => {
    await using lab = await openLab({ config })
    await lab.project('demo')
    const image = await lab.push('demo/app:v1', randomImage('one'))
    await forget(lab, image, 'app:v1')
    for (const digest of blobsOf(image)) {
      assert.equal((await lab.pull('DELETE', `/admin/blobs/${digest}`, { as: 'root' })).status, 204)
      assert.equal((await lab.pull('GET', `/v2/demo/app/blobs/${digest}`)).status, 404)
    }
    const layer = image.layers[0]?.digest as Digest
    assert.deepEqual((await review(lab, layer)).prunedFrom, ['demo/app'])
    await undelete(lab, layer)
    assert.equal((await lab.pull('GET', `/v2/demo/app/blobs/${layer}`)).status, 200)
    lab.clock.advance(26 * hour)
    await collect(lab)
    lab.clock.advance(26 * hour)
    await collect(lab)
    assert.deepEqual((await lab.store.list('registry/')).entries, [])
  })

  it('an image that came back brings back what a pruner took', async () => {
    await using lab = await openLab({ config })
    await lab.project('demo')
    const image = await lab.push('demo/app:v1', randomImage('one'))
    const layer = image.layers[0]?.digest as Digest
    await lab.pull('DELETE', `/admin/blobs/${layer}`, { as: 'root' })
    await collect(lab)
    assert.equal(await stored(lab, [layer]), 0, 'the pruner may be about to delete the Image')
    lab.clock.advance(2 * hour)
    assert.equal((await collect(lab)).restored?.blobs, 1)
    assert.equal((await lab.pull('GET', `/v2/demo/app/blobs/${layer}`)).status, 200)
  })

  it('is for administrators of the whole', async () => {
    await using lab = await openLab({ config })
    await lab.project('demo')
    const asked = { metadata: {}, spec: {} } as BlobCollection
    await assert.rejects(lab.as('alice').create(blobCollections, '', asked), (error) =>
      isApiError(error, 'Forbidden'),
    )
    const digest = randomImage('one').digest
    const why = { metadata: {}, spec: { digest } } as BlobReview
    await assert.rejects(lab.as('alice').create(blobReviews, '', why), (error) =>
      isApiError(error, 'Forbidden'),
    )
    const wrong = { metadata: {}, spec: { digest: 'sha256:x' } } as BlobReview
    await assert.rejects(lab.as('root').create(blobReviews, '', wrong), /is no digest/)
    await assert.rejects(undelete(lab, digest), /neither stored nor in the trash/)
  })

  it('tells what each project has, and what it shares', async () => {
    await using lab = await openLab({ config })
    await lab.project('demo')
    await lab.project('web')
    const own = await lab.push('demo/app:own', randomImage('own', { layerSize: 1000 }))
    const common = await lab.push('demo/app:common', randomImage('common', { layerSize: 1000 }))
    await lab.push('web/app:common', common)
    const size = (image: TestImage) =>
      [image, image.config, ...image.layers].reduce((sum, { bytes }) => sum + bytes.length, 0)
    const { status } = await lab.as('root').create(storageReports, '', { metadata: {} } as StorageReport)
    assert.deepEqual(status?.projects, [
      { project: 'demo', streams: 1, images: 2, bytes: size(own) + size(common), shared: size(common) },
      { project: 'web', streams: 1, images: 1, bytes: size(common), shared: size(common) },
    ])
    assert.equal(status?.stored, size(own) + size(common))
    assert.equal(status?.unlisted, 0)
  })

  it('notices a tag that is made while it is under way', async () => {
    await using lab = await openLab({ config })
    await lab.project('demo')
    const image = await lab.push('demo/app:v1', randomImage('one'))
    await forget(lab, image, 'app:v1')
    lab.clock.advance(2 * hour)
    const [report] = await Promise.all([collect(lab), lab.push('demo/app:v2', image)])
    assert.equal(report.streams, 1)
    assert.equal(await stored(lab, blobsOf(image)), 4)
    const stream = (await lab.client.get(imageStreams, 'demo', 'app')) as ImageStream
    assert.equal(stream.status.tags?.find(({ tag }) => tag === 'v2')?.items?.[0]?.image, image.digest)
  })
})
