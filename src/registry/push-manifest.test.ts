import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { imageStreams, images } from '../api/image/index.ts'
import { dockerManifest, dockerManifestList, ociConfig, ociIndex, ociManifest } from '../oci/index.ts'
import { digestOf, openRegistryLab, type RegistryLab, registryAddress } from './registry-lab.ts'
import {
  descriptorOf,
  errorCodes,
  gzipLayer,
  importImage,
  indexOf,
  manifestOf,
  pushBlob,
  pushImage,
  putManifest,
} from './test-images.ts'

const streamOf = (lab: RegistryLab, namespace: string, name: string) =>
  lab.client.get(imageStreams, namespace, name)

async function configIn(lab: RegistryLab, repository = 'demo/app', as?: string) {
  return pushBlob(
    lab,
    repository,
    Buffer.from(JSON.stringify({ id: randomBytes(4).toString('hex') })),
    ociConfig,
    as,
  )
}

describe('pushing a tag', () => {
  it('B-21 to B-23: makes the stream, the Image and one tag item', async () => {
    await using lab = await openRegistryLab()
    const image = await pushImage(lab, 'demo/app', 'v1')
    const stream = await streamOf(lab, 'demo', 'app')
    const [tag] = stream.status.tags ?? []
    assert.equal(tag?.tag, 'v1')
    assert.deepEqual(
      tag?.items?.map(({ image: name, dockerImageReference }) => [name, dockerImageReference]),
      [[image.digest, `${registryAddress}/demo/app@${image.digest}`]],
    )
    assert.equal(stream.spec.tags, undefined)
    const stored = await lab.client.get(images, '', image.digest)
    assert.deepEqual(stored.metadata.annotations, {
      'openshift.io/image.managed': 'true',
      'image.openshift.io/manifestBlobStored': 'true',
      'image.openshift.io/dockerLayersOrder': 'ascending',
    })
    assert.equal(stored.dockerImageReference, `${registryAddress}/demo/app@${image.digest}`)
    assert.equal(stored.dockerImageManifestMediaType, ociManifest)
    assert.deepEqual(
      stored.dockerImageLayers,
      image.layers.map(({ digest, size, mediaType }) => ({ name: digest, size, mediaType })),
    )
    assert.equal((stored.dockerImageMetadata as { Id?: string }).Id, image.config.digest)
  })

  it('B-27: the same again changes nothing; another digest is a new item; two tags share one Image', async () => {
    await using lab = await openRegistryLab()
    const first = await pushImage(lab, 'demo/app', 'v1')
    const before = await streamOf(lab, 'demo', 'app')
    assert.equal((await putManifest(lab, 'demo/app', first, 'v1')).status, 201)
    const after = await streamOf(lab, 'demo', 'app')
    assert.equal(after.metadata.resourceVersion, before.metadata.resourceVersion)
    const second = await pushImage(lab, 'demo/app', 'v1')
    assert.equal((await putManifest(lab, 'demo/app', second, 'v2')).status, 201)
    const { tags = [] } = (await streamOf(lab, 'demo', 'app')).status
    assert.deepEqual(
      tags.map(({ tag, items }) => [tag, items?.map(({ image }) => image)]),
      [
        ['v1', [second.digest, first.digest]],
        ['v2', [second.digest]],
      ],
    )
  })

  it('B-23: who may push but not create streams gets 403 at the end, and 201 once there is one', async () => {
    await using lab = await openRegistryLab()
    const config = await configIn(lab, 'demo/fresh', 'pusher')
    const manifest = manifestOf({ config, layers: [] }, ociManifest)
    const refused = await putManifest(lab, 'demo/fresh', manifest, 'v1', { as: 'pusher' })
    assert.equal(refused.status, 403)
    assert.deepEqual(errorCodes(refused), ['DENIED'])
    await assert.rejects(streamOf(lab, 'demo', 'fresh'), /not found/)
    await lab.client.create(imageStreams, 'demo', {
      metadata: { name: 'fresh', namespace: 'demo' },
      spec: { lookupPolicy: { local: false } },
      status: { dockerImageRepository: '' },
    })
    assert.equal((await putManifest(lab, 'demo/fresh', manifest, 'v1', { as: 'pusher' })).status, 201)
  })

  it('a push into a namespace that does not exist is 403 for who may push everywhere', async () => {
    await using lab = await openRegistryLab()
    const config = await configIn(lab, 'nowhere/app', 'root')
    const manifest = manifestOf({ config, layers: [] }, ociManifest)
    const seen = await putManifest(lab, 'nowhere/app', manifest, 'v1', { as: 'root' })
    assert.equal(seen.status, 403)
    assert.deepEqual(errorCodes(seen), ['DENIED'])
  })

  it('A-55: answers with the digest and where it is', async () => {
    await using lab = await openRegistryLab()
    const config = await configIn(lab)
    const manifest = manifestOf({ config, layers: [] }, ociManifest)
    const seen = await putManifest(lab, 'demo/app', manifest, 'v1')
    assert.equal(seen.status, 201)
    assert.equal(seen.headers.get('docker-content-digest'), manifest.digest)
    assert.equal(seen.headers.get('location'), `${lab.url}/v2/demo/app/manifests/${manifest.digest}`)
    assert.equal(seen.headers.get('oci-subject'), null)
    assert.equal(seen.text, '')
  })

  it('an index without platforms can be tagged, and its bytes come back untouched', async () => {
    await using lab = await openRegistryLab()
    const child = await pushImage(lab, 'demo/app')
    const index = manifestOf({ manifests: [descriptorOf(child)] }, ociIndex)
    assert.equal((await putManifest(lab, 'demo/app', index, 'v1')).status, 201)
    const seen = await lab.request('GET', '/v2/demo/app/manifests/v1')
    assert.deepEqual(seen.bytes, index.bytes)
    const stored = await lab.client.get(images, '', index.digest)
    assert.deepEqual(
      stored.dockerImageManifests?.map(({ digest, architecture, os }) => [digest, architecture, os]),
      [[child.digest, 'unknown', 'unknown']],
    )
  })
})

describe('pushing a digest', () => {
  it('B-24: makes the Image, and neither stream nor tag', async () => {
    await using lab = await openRegistryLab()
    const image = await pushImage(lab, 'demo/app')
    assert.equal((await lab.client.get(images, '', image.digest)).metadata.name, image.digest)
    await assert.rejects(streamOf(lab, 'demo', 'app'), /not found/)
    assert.equal((await putManifest(lab, 'demo/app', image)).status, 201)
    assert.equal((await lab.request('GET', `/v2/demo/app/manifests/${image.digest}`)).status, 200)
  })

  it('§0: bound to the stream it is readable only once an index lists it (B-28)', async () => {
    await using lab = await openRegistryLab({ config: { manifestVisibility: 'stream' } })
    const child = await pushImage(lab, 'demo/app')
    const path = `/v2/demo/app/manifests/${child.digest}`
    assert.equal((await lab.request('GET', path)).status, 404)
    const inner = indexOf([child])
    assert.equal((await putManifest(lab, 'demo/app', inner)).status, 201)
    assert.equal((await putManifest(lab, 'demo/app', indexOf([inner]), 'v1')).status, 201)
    assert.equal((await lab.request('GET', path)).status, 200)
    assert.equal((await lab.request('GET', `/v2/demo/app/manifests/${inner.digest}`)).status, 200)
  })

  it('B-25: tag parameters make the tags that the answer names', async () => {
    await using lab = await openRegistryLab()
    const manifest = manifestOf({ config: await configIn(lab), layers: [] }, ociManifest)
    const seen = await putManifest(lab, 'demo/app', manifest, `${manifest.digest}?tag=a&tag=b&tag=a`)
    assert.equal(seen.status, 201)
    assert.equal(seen.headers.get('oci-tag'), 'a, b')
    for (const tag of ['a', 'b']) {
      const got = await lab.request('HEAD', `/v2/demo/app/manifests/${tag}`)
      assert.equal(got.headers.get('docker-content-digest'), manifest.digest)
    }
    const wrong = await putManifest(lab, 'demo/app', manifest, `${manifest.digest}?tag=-bad`)
    assert.deepEqual(errorCodes(wrong), ['TAG_INVALID'])
  })

  it('A-52: a digest that is not that of the bytes is refused, and nothing is kept', async () => {
    await using lab = await openRegistryLab()
    const manifest = manifestOf({ config: await configIn(lab), layers: [] }, ociManifest)
    for (const digest of [digestOf('other'), digestOf('other', 'sha512')]) {
      const seen = await putManifest(lab, 'demo/app', manifest, digest)
      assert.equal(seen.status, 400)
      assert.deepEqual(errorCodes(seen), ['DIGEST_INVALID'])
    }
    assert.equal((await lab.request('GET', `/v2/demo/app/manifests/${manifest.digest}`)).status, 404)
    assert.equal((await putManifest(lab, 'demo/app', manifest, 'sha256:baddigeststring')).status, 400)
    assert.deepEqual(errorCodes(await putManifest(lab, 'demo/app', manifest, '-no-tag')), ['TAG_INVALID'])
  })
})

describe('what a manifest refers to (A-53, A-54)', () => {
  it('every missing blob is named (r362)', async () => {
    await using lab = await openRegistryLab()
    const missing = (text: string, mediaType: string) => ({
      mediaType,
      digest: digestOf(text),
      size: text.length,
    })
    const manifest = manifestOf(
      {
        config: missing('config', ociConfig),
        layers: [missing('layer', gzipLayer), missing('layer', gzipLayer)],
      },
      ociManifest,
    )
    const seen = await putManifest(lab, 'demo/app', manifest, 'v1')
    assert.equal(seen.status, 400)
    const message = 'blob unknown to registry'
    assert.deepEqual(seen.json(), {
      errors: [
        { code: 'MANIFEST_BLOB_UNKNOWN', message, detail: digestOf('config') },
        { code: 'MANIFEST_BLOB_UNKNOWN', message, detail: digestOf('layer') },
      ],
    })
    assert.equal((await lab.request('GET', `/v2/demo/app/manifests/${manifest.digest}`)).status, 404)
  })

  it('a declared size that is not the blob’s is refused', async () => {
    await using lab = await openRegistryLab()
    const config = await configIn(lab)
    const manifest = manifestOf({ config: { ...config, size: config.size + 1 }, layers: [] }, ociManifest)
    const seen = await putManifest(lab, 'demo/app', manifest, 'v1')
    assert.equal(seen.status, 400)
    assert.match(seen.text, new RegExp(`${config.digest} has ${config.size} bytes, not ${config.size + 1}`))
  })

  it('threat 10: a blob of another repository does not count', async () => {
    await using lab = await openRegistryLab()
    const config = await configIn(lab, 'bob/secret', 'bob')
    const seen = await putManifest(lab, 'demo/app', manifestOf({ config, layers: [] }, ociManifest), 'v1')
    assert.deepEqual(errorCodes(seen), ['MANIFEST_BLOB_UNKNOWN'])
  })

  it('layers that live elsewhere and children of an index need not be here', async () => {
    await using lab = await openRegistryLab()
    const away = (mediaType: string, more: object = {}) => ({
      mediaType,
      digest: digestOf(randomBytes(4)),
      size: 9,
      ...more,
    })
    const config = await configIn(lab)
    const oci = 'application/vnd.oci.image.layer.nondistributable.v1.tar'
    const layers = [
      away(oci),
      away(`${oci}+gzip`),
      away(`${oci}+zstd`),
      away(gzipLayer, { urls: ['https://x.test/l'] }),
    ]
    assert.equal(
      (await putManifest(lab, 'demo/app', manifestOf({ config, layers }, ociManifest), 'v1')).status,
      201,
    )
    const foreign = away('application/vnd.docker.image.rootfs.foreign.diff.tar.gzip', {
      urls: ['https://x.test/l'],
    })
    const docker = manifestOf({ config, layers: [foreign] }, dockerManifest)
    assert.equal((await putManifest(lab, 'demo/app', docker, 'v2')).status, 201)
    const sparse = manifestOf({ manifests: [away(ociManifest)] }, ociIndex)
    assert.equal((await putManifest(lab, 'demo/app', sparse, 'v3')).status, 201)
  })

  it('blobs of an image that was tagged into the stream count', async () => {
    await using lab = await openRegistryLab()
    const image = await pushImage(lab, 'other/base', 'v1')
    await importImage(lab, 'demo/app', 'base', image)
    const manifest = manifestOf(
      { config: image.config, layers: image.layers, annotations: { a: 'b' } },
      ociManifest,
    )
    assert.equal((await putManifest(lab, 'demo/app', manifest, 'v2')).status, 201)
  })
})

describe('what is a manifest (A-5, A-50, A-51)', () => {
  const put = async (body: string | Buffer, contentType: string) => {
    await using lab = await openRegistryLab()
    return await lab.request('PUT', '/v2/demo/app/manifests/v1', {
      body,
      headers: { 'content-type': contentType },
    })
  }
  const detailOf = (seen: Awaited<ReturnType<typeof put>>) => {
    assert.equal(seen.status, 400, seen.text)
    const [error] = (seen.json() as { errors: { code: string; detail: unknown }[] }).errors
    assert.equal(error?.code, 'MANIFEST_INVALID')
    return error?.detail
  }
  const empty = { mediaType: ociConfig, digest: digestOf('{}'), size: 2 }
  const image = JSON.stringify({ schemaVersion: 2, config: empty, layers: [] })

  it('names the byte where JSON ends being JSON (r363)', async () => {
    assert.deepEqual(detailOf(await put('hello blob', dockerManifest)), { Offset: 1 })
  })
  it('a Content-Type of another kind gives an empty detail (r364)', async () => {
    assert.deepEqual(detailOf(await put(image, 'application/json')), {})
  })
  it('schema 1 is named as unsupported', async () => {
    const types = ['application/vnd.docker.distribution.manifest.v1+prettyjws', 'application/json']
    for (const type of types)
      assert.match(String(detailOf(await put('{"schemaVersion":1}', type))), /schema 1/)
  })

  const wrong: [string, string, string][] = [
    ['no object', '[]', ociManifest],
    [
      'another mediaType than the Content-Type',
      JSON.stringify({ ...JSON.parse(image), mediaType: ociIndex }),
      ociManifest,
    ],
    ['an image with manifests', JSON.stringify({ ...JSON.parse(image), manifests: [] }), ociManifest],
    ['an index with layers', '{"schemaVersion":2,"manifests":[],"layers":[]}', ociIndex],
    ['an index with config', JSON.stringify({ schemaVersion: 2, manifests: [], config: empty }), ociIndex],
    ['a key twice', image.replace('"layers":[]', '"layers":[],"layers":[]'), ociManifest],
    ['a field in another spelling', image.replace('"layers":[]', '"layers":[],"Manifests":[]'), ociManifest],
    ['a byte order mark', `\ufeff${image}`, ociManifest],
    ['docker without mediaType', image, dockerManifest],
    ['docker list without mediaType', '{"schemaVersion":2,"manifests":[]}', dockerManifestList],
    ['layers: null', image.replace('[]', 'null'), ociManifest],
    ['a traversing digest', image.replace(digestOf('{}'), 'sha256:../../../etc/passwd'), ociManifest],
    ['a negative size', image.replace('"size":2', '"size":-2'), ociManifest],
    ['deep nesting', `{"schemaVersion":2,"x":${'['.repeat(5000)}${']'.repeat(5000)}}`, ociManifest],
  ]
  for (const [name, body, type] of wrong) {
    it(`threat 6: refuses ${name}`, async () => void detailOf(await put(body, type)))
  }

  it('threat 6: refuses bytes that are no text', async () => {
    const bytes = Buffer.concat([
      Buffer.from('{"schemaVersion":2,"x":"'),
      Buffer.from([0xff]),
      Buffer.from('"}'),
    ])
    detailOf(await put(bytes, ociManifest))
  })

  it('A-5: 4 MiB pass, one byte more is 413, announced or not', async () => {
    await using lab = await openRegistryLab()
    const config = await configIn(lab)
    const sized = (size: number) => {
      const plain = JSON.stringify({ schemaVersion: 2, config, layers: [], annotations: { x: '' } })
      return Buffer.from(plain.replace('"x":""', `"x":"${'y'.repeat(size - plain.length)}"`))
    }
    const headers = { 'content-type': ociManifest }
    const path = '/v2/demo/app/manifests/v1'
    const fits = await lab.request('PUT', path, { body: sized(4 << 20), headers })
    assert.equal(fits.status, 201, fits.text)
    const large = sized((4 << 20) + 1)
    async function* streamed(): AsyncGenerator<Uint8Array> {
      yield large
    }
    for (const body of [large, streamed()]) {
      const seen = await lab.request('PUT', path, { body, headers })
      assert.equal(seen.status, 413)
      assert.deepEqual(errorCodes(seen), ['MANIFEST_INVALID'])
    }
  })

  it('without a Content-Type the body tells', async () => {
    await using lab = await openRegistryLab()
    const config = await configIn(lab)
    const body = JSON.stringify({ schemaVersion: 2, config, layers: [] })
    assert.equal((await lab.request('PUT', '/v2/demo/app/manifests/v1', { body })).status, 201)
    const seen = await lab.request('GET', '/v2/demo/app/manifests/v1')
    assert.equal(seen.headers.get('content-type'), ociManifest)
    assert.equal(seen.text, body)
  })

  it('schema 2 of docker can be switched off', async () => {
    await using lab = await openRegistryLab({ config: { acceptSchema2: false } })
    const seen = await putManifest(
      lab,
      'demo/app',
      manifestOf({ config: empty, layers: [] }, dockerManifest),
      'v1',
    )
    assert.match(seen.text, /manifest V2 schema 2 not allowed/)
  })
})
