import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { images } from '../api/image/index.ts'
import { dockerManifest, dockerManifestList, ociIndex, ociManifest } from '../oci/index.ts'
import { registryError } from './errors.ts'
import type { PullThrough } from './pull-through.ts'
import { digestOf, openRegistryLab } from './registry-lab.ts'
import {
  dropTag,
  errorCodes,
  importImage,
  indexOf,
  manifestOf,
  pushImage,
  putManifest,
  setTag,
} from './test-images.ts'

const path = (reference: string) => `/v2/demo/app/manifests/${reference}`

describe('pulling a manifest', () => {
  it('A-56: the exact bytes with type, length, digest and ETag; HEAD the same without a body (r330)', async () => {
    await using lab = await openRegistryLab()
    const image = await pushImage(lab, 'demo/app', 'v1')
    for (const reference of ['v1', image.digest]) {
      for (const method of ['GET', 'HEAD']) {
        const seen = await lab.request(method, path(reference), { as: 'bob' })
        assert.equal(seen.status, 200)
        assert.deepEqual(seen.bytes, method === 'GET' ? image.bytes : Buffer.alloc(0))
        assert.equal(seen.headers.get('content-type'), ociManifest)
        assert.equal(seen.headers.get('content-length'), String(image.bytes.length))
        assert.equal(seen.headers.get('docker-content-digest'), image.digest)
        assert.equal(seen.headers.get('etag'), `"${image.digest}"`)
      }
    }
  })

  it('A-56: If-None-Match is 304 without a body', async () => {
    await using lab = await openRegistryLab()
    const image = await pushImage(lab, 'demo/app', 'v1')
    for (const tag of [`"${image.digest}"`, image.digest]) {
      const seen = await lab.request('GET', path('v1'), { headers: { 'if-none-match': tag } })
      assert.equal(seen.status, 304)
      assert.equal(seen.text, '')
      assert.equal(seen.headers.get('etag'), `"${image.digest}"`)
    }
  })

  it('B-30, B-31: what is not there says which kind of not there it is (r313, r335, r336, r340)', async () => {
    await using lab = await openRegistryLab()
    await pushImage(lab, 'demo/app', 'v1')
    const error = async (url: string) => {
      const seen = await lab.request('GET', url)
      assert.equal(seen.status, 404)
      return (seen.json() as { errors: unknown[] }).errors[0]
    }
    const unknown = { code: 'MANIFEST_UNKNOWN', message: 'manifest unknown' }
    assert.deepEqual(await error(path('nope')), { ...unknown, detail: { Tag: 'nope' } })
    assert.deepEqual(await error(path('sha256:xyz')), { ...unknown, detail: { Tag: 'sha256:xyz' } })
    const digest = digestOf('nothing')
    assert.deepEqual(await error(path(digest)), {
      ...unknown,
      detail: { Name: 'demo/app', Revision: digest },
    })
    const message = 'repository name not known to registry'
    assert.deepEqual(await error('/v2/demo/none/manifests/x'), { code: 'NAME_UNKNOWN', message })
    assert.equal((await lab.request('HEAD', path('nope'))).text, '')
  })

  it('B-31: history is readable by digest until the tag goes, then at once no more', async () => {
    await using lab = await openRegistryLab({ config: { manifestVisibility: 'stream' } })
    const first = await pushImage(lab, 'demo/app', 'v1')
    const second = await pushImage(lab, 'demo/app', 'v1')
    for (const { digest } of [first, second])
      assert.equal((await lab.request('GET', path(digest))).status, 200)
    await dropTag(lab, 'demo/app', 'v1')
    for (const { digest } of [first, second])
      assert.equal((await lab.request('GET', path(digest))).status, 404)
    assert.equal((await lab.request('GET', path('v1'))).status, 404)
  })

  it('a tag that moves through the API is seen by the very next pull', async () => {
    await using lab = await openRegistryLab()
    const first = await pushImage(lab, 'demo/app', 'v1')
    const second = await pushImage(lab, 'demo/app', 'v2')
    for (let round = 0; round < 20; round++) {
      const { digest } = round % 2 === 0 ? first : second
      await setTag(lab, 'demo/app', 'live', digest)
      const seen = await lab.request('HEAD', path('live'))
      assert.equal(seen.headers.get('docker-content-digest'), digest)
    }
  })

  it('B-33: an image tagged from another stream is served from the shared store', async () => {
    await using lab = await openRegistryLab({ config: { manifestVisibility: 'stream' } })
    const image = await pushImage(lab, 'other/base', 'v1')
    assert.equal((await lab.request('GET', path(image.digest))).status, 404)
    await importImage(lab, 'demo/app', 'base', image)
    const seen = await lab.request('GET', path('base'))
    assert.deepEqual(seen.bytes, image.bytes)
    assert.equal((await lab.request('GET', path(image.digest))).status, 200)
    for (const { digest } of [image.config, ...image.layers]) {
      assert.equal((await lab.request('HEAD', `/v2/demo/app/blobs/${digest}`)).status, 200)
    }
  })

  it('B-34: an Image from long ago carries its manifest itself', async () => {
    await using lab = await openRegistryLab()
    const config = { mediaType: 'x/y', digest: digestOf('c'), size: 1 }
    const old = manifestOf({ config, layers: [] }, dockerManifest)
    await lab.client.create(images, '', {
      metadata: { name: old.digest },
      dockerImageReference: `elsewhere.test/old@${old.digest}`,
      dockerImageManifest: old.bytes.toString(),
      dockerImageManifestMediaType: old.mediaType,
      dockerImageMetadata: {},
      dockerImageMetadataVersion: '1.0',
    })
    await setTag(lab, 'demo/app', 'old', old.digest)
    assert.deepEqual((await lab.request('GET', path('old'))).bytes, old.bytes)
  })
})

describe('Accept (A-57)', () => {
  it('none or a wildcard serves what is stored', async () => {
    await using lab = await openRegistryLab()
    const image = await pushImage(lab, 'demo/app', 'v1')
    for (const accept of ['*/*', 'application/*', `text/html, ${ociManifest}`]) {
      const seen = await lab.request('GET', path('v1'), { headers: { accept } })
      assert.equal(seen.headers.get('docker-content-digest'), image.digest)
    }
  })

  it('OCI types that are not accepted are 404 with the reason and no detail (r334)', async () => {
    await using lab = await openRegistryLab()
    const image = await pushImage(lab, 'demo/app', 'v1')
    const index = indexOf([image])
    await putManifest(lab, 'demo/app', index, 'multi')
    const cases = [
      ['v1', 'OCI manifest found, but accept header does not support OCI manifests'],
      ['multi', 'OCI index found, but accept header does not support OCI indexes'],
      [index.digest, 'OCI index found, but accept header does not support OCI indexes'],
    ] as const
    for (const [reference, message] of cases) {
      const seen = await lab.request('GET', path(reference), { headers: { accept: dockerManifest } })
      assert.equal(seen.status, 404)
      assert.deepEqual(seen.json(), { errors: [{ code: 'MANIFEST_UNKNOWN', message }] })
    }
  })

  it('a docker list by tag becomes its linux/amd64 child; by digest it stays', async () => {
    await using lab = await openRegistryLab()
    const amd64 = await pushImage(lab, 'demo/app', undefined, { mediaType: dockerManifest })
    const arm64 = await pushImage(lab, 'demo/app', undefined, { mediaType: dockerManifest })
    const list = indexOf([amd64, arm64], {}, dockerManifestList)
    await putManifest(lab, 'demo/app', list, 'multi')
    const headers = { accept: dockerManifest }
    const child = await lab.request('GET', path('multi'), { headers })
    assert.equal(child.headers.get('docker-content-digest'), amd64.digest)
    assert.deepEqual(child.bytes, amd64.bytes)
    const whole = await lab.request('GET', path(list.digest), { headers })
    assert.equal(whole.headers.get('docker-content-digest'), list.digest)
    const onlyArm = manifestOf(
      { manifests: [{ ...JSON.parse(list.bytes.toString()).manifests[1] }] },
      dockerManifestList,
    )
    await putManifest(lab, 'demo/app', onlyArm, 'arm')
    assert.equal((await lab.request('GET', path('arm'), { headers })).status, 404)
    const image = await lab.request('GET', path(amd64.digest), { headers: { accept: ociIndex } })
    assert.equal(image.status, 200)
  })
})

describe('pull-through of manifests', () => {
  const manifest = manifestOf(
    { config: { mediaType: 'x/y', digest: digestOf('c'), size: 1 }, layers: [] },
    ociManifest,
  )
  const source = (answer: PullThrough['manifest']): PullThrough => ({
    manifest: answer,
    blob: async () => undefined,
  })

  it('gives what is only elsewhere, asking with stream, tag and the request’s own URL', async () => {
    const asked: unknown[] = []
    const pullThrough = source(async ({ stream, digest, tag, url }) => {
      asked.push([stream.name, digest, tag, new URL(url).pathname])
      return { bytes: manifest.bytes, mediaType: manifest.mediaType }
    })
    await using lab = await openRegistryLab({ deps: { pullThrough } })
    await importImage(lab, 'demo/app', 'v1', manifest)
    assert.deepEqual((await lab.request('GET', path('v1'))).bytes, manifest.bytes)
    assert.deepEqual((await lab.request('GET', path(manifest.digest))).bytes, manifest.bytes)
    assert.deepEqual(asked, [['app', manifest.digest, 'v1', path('v1')]])
  })

  it('threat 4: other bytes than the digest says are not served and not kept', async () => {
    let bytes: Uint8Array = Buffer.from('{"schemaVersion":2}')
    const pullThrough = source(async () => ({ bytes, mediaType: manifest.mediaType }))
    await using lab = await openRegistryLab({ deps: { pullThrough } })
    await importImage(lab, 'demo/app', 'v1', manifest)
    assert.equal((await lab.request('GET', path('v1'))).status, 404)
    bytes = manifest.bytes
    assert.deepEqual((await lab.request('GET', path('v1'))).bytes, manifest.bytes)
  })

  it('B-52: its refusals reach the client', async () => {
    const message = 'unable to pull manifest from elsewhere.test/x@y: why'
    const pullThrough = source(async () => {
      throw registryError('OPENSHIFT_PULLTHROUGH_MANIFEST', { message })
    })
    await using lab = await openRegistryLab({ deps: { pullThrough } })
    await importImage(lab, 'demo/app', 'v1', manifest)
    const seen = await lab.request('GET', path('v1'))
    assert.equal(seen.status, 404)
    assert.deepEqual(errorCodes(seen), ['OPENSHIFT_PULLTHROUGH_MANIFEST'])
  })

  it('without it, what is only elsewhere is unknown', async () => {
    await using lab = await openRegistryLab()
    await importImage(lab, 'demo/app', 'v1', manifest)
    assert.equal((await lab.request('GET', path('v1'))).status, 404)
  })
})
