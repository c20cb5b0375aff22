import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { openRegistryLab } from '../../src/registry/registry-lab.ts'
import { createWire, digestOf, type Seen, type Wire, withParameter } from './wire.ts'

/**
 * What oras, notation, cosign and crane send and look at, request by request, for these programs are in no package that the
 * tests could install. Where one of them decides by an answer, so does the test.
 */

const repository = 'demo/app'
const base = `/v2/${repository}`
const octets = { 'content-type': 'application/octet-stream' }
const ociManifest = 'application/vnd.oci.image.manifest.v1+json'
const ociIndex = 'application/vnd.oci.image.index.v1+json'
const emptyType = 'application/vnd.oci.empty.v1+json'
const emptyJson = Buffer.from('{}')

interface Descriptor {
  mediaType: string
  digest: string
  size: number
  artifactType?: string
  annotations?: Record<string, string>
}

interface Manifest {
  mediaType: string
  [field: string]: unknown
}

interface Scene extends AsyncDisposable {
  wire: Wire
  image: Descriptor
}

/** A repository with one tagged image, pushed as crane does it. */
async function openScene(): Promise<Scene> {
  const lab = await openRegistryLab()
  const wire = createWire({ url: lab.url, credentials: { username: 'root', password: 'root-token' } })
  const config = await craneBlob(wire, Buffer.from('{"architecture":"amd64","os":"linux"}'))
  const layer = await craneBlob(wire, randomBytes(3000))
  const image = await putManifest(wire, 'v1', {
    schemaVersion: 2,
    mediaType: ociManifest,
    config: { ...config, mediaType: 'application/vnd.oci.image.config.v1+json' },
    layers: [{ ...layer, mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip' }],
  })
  return { wire, image: image.descriptor, [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose]() }
}

async function expected(seen: Promise<Seen>, ...statuses: number[]): Promise<Seen> {
  const answer = await seen
  assert.ok(statuses.includes(answer.status), `${answer.status}: ${answer.bytes}`)
  return answer
}

const locationOf = (seen: Seen): string => {
  const location = seen.headers.get('location')
  assert.ok(location, 'a session needs a Location')
  return location
}

/** crane, ko and cosign: HEAD, POST as JSON, PATCH in one stream, PUT without a body. */
async function craneBlob(wire: Wire, bytes: Buffer): Promise<Omit<Descriptor, 'mediaType'>> {
  const digest = digestOf(bytes)
  const head = await expected(wire.send('HEAD', `${base}/blobs/${digest}`), 200, 404)
  if (head.status === 404) {
    const json = { 'content-type': 'application/json' }
    const started = await expected(wire.send('POST', `${base}/blobs/uploads/`, { headers: json }), 202)
    async function* stream(): AsyncGenerator<Uint8Array> {
      yield bytes
    }
    const patched = await expected(
      wire.send('PATCH', locationOf(started), { headers: octets, body: stream() }),
      202,
    )
    const put = withParameter(locationOf(patched), 'digest', digest)
    await expected(wire.send('PUT', put, { headers: octets }), 201)
  }
  return { digest, size: bytes.length }
}

/** oras and notation: POST, and the whole blob in one PUT. */
async function orasBlob(wire: Wire, bytes: Buffer, mediaType: string): Promise<Descriptor> {
  const digest = digestOf(bytes)
  const head = await expected(wire.send('HEAD', `${base}/blobs/${digest}`), 200, 404)
  if (head.status === 404) {
    const started = await expected(wire.send('POST', `${base}/blobs/uploads/`), 202)
    const put = withParameter(locationOf(started), 'digest', digest)
    await expected(wire.send('PUT', put, { headers: octets, body: bytes }), 201)
  }
  return { mediaType, digest, size: bytes.length }
}

/** To a tag, or by its digest when there is none. */
async function putManifest(wire: Wire, tag: string | undefined, document: Manifest) {
  const bytes = Buffer.from(JSON.stringify(document))
  const descriptor: Descriptor = {
    mediaType: document.mediaType,
    digest: digestOf(bytes),
    size: bytes.length,
  }
  const headers = { 'content-type': document.mediaType }
  const path = `${base}/manifests/${tag ?? descriptor.digest}`
  const seen = await expected(wire.send('PUT', path, { headers, body: bytes }), 201)
  assert.equal(seen.headers.get('docker-content-digest'), descriptor.digest)
  return { seen, descriptor, bytes }
}

async function referrers(wire: Wire, subject: string, artifactType?: string): Promise<Descriptor[]> {
  const path = `${base}/referrers/${subject}`
  const url = artifactType === undefined ? path : withParameter(path, 'artifactType', artifactType)
  const seen = await expected(wire.send('GET', url, { headers: { accept: ociIndex } }), 200)
  // Without this type oras takes the API to be absent, and falls back to tags.
  assert.equal(seen.headers.get('content-type'), ociIndex)
  assert.equal(
    seen.headers.get('oci-filters-applied'),
    artifactType === undefined ? null : 'artifactType',
    'without the header clients filter themselves',
  )
  return seen.json<{ manifests: Descriptor[] }>().manifests
}

/** How oras reads what it found: the manifest by its digest, with its own type accepted, then the blobs. */
async function fetchArtifact(wire: Wire, { digest, mediaType }: Descriptor) {
  const seen = await expected(
    wire.send('GET', `${base}/manifests/${digest}`, { headers: { accept: mediaType } }),
    200,
  )
  assert.equal(seen.headers.get('content-type'), mediaType)
  assert.equal(digestOf(seen.bytes), digest)
  const manifest = seen.json<{ config: Descriptor; layers: Descriptor[] }>()
  for (const blob of [manifest.config, ...manifest.layers]) {
    const { bytes, headers } = await expected(wire.send('GET', `${base}/blobs/${blob.digest}`), 200)
    assert.equal(digestOf(bytes), blob.digest)
    // oras seeks only where ranges are offered.
    assert.equal(headers.get('accept-ranges'), 'bytes')
  }
  return manifest
}

async function tags(wire: Wire): Promise<string[]> {
  return (await expected(wire.send('GET', `${base}/tags/list?n=1000`), 200)).json<{ tags: string[] }>().tags
}

function artifact(artifactType: string, subject: Descriptor, config: Descriptor, layers: Descriptor[]) {
  const annotations = { 'org.opencontainers.image.created': '2026-01-01T00:00:00Z' }
  return { schemaVersion: 2, mediaType: ociManifest, artifactType, config, layers, subject, annotations }
}

describe('oras, on the wire', () => {
  const acceptAll = [
    'application/vnd.docker.distribution.manifest.v2+json',
    'application/vnd.docker.distribution.manifest.list.v2+json',
    ociManifest,
    ociIndex,
    'application/vnd.oci.artifact.manifest.v1+json',
  ].join(', ')
  const sbom = 'application/vnd.example.sbom.v1'

  async function attach({ wire, image }: Scene, artifactType: string, text: string) {
    const head = await expected(
      wire.send('HEAD', `${base}/manifests/v1`, { headers: { accept: acceptAll } }),
      200,
    )
    assert.equal(head.headers.get('docker-content-digest'), image.digest)
    assert.equal(head.headers.get('content-length'), String(image.size))
    const layer = await orasBlob(wire, Buffer.from(text), 'application/json')
    const config = await orasBlob(wire, emptyJson, emptyType)
    const pushed = await putManifest(wire, undefined, artifact(artifactType, image, config, [layer]))
    assert.equal(pushed.seen.headers.get('oci-subject'), image.digest, 'else oras writes a fallback tag')
    return pushed.descriptor
  }

  it('attach, discover with and without a type, pull, and delete', async () => {
    await using scene = await openScene()
    const { wire, image } = scene
    // It asks for the referrers of nothing to learn whether there is an API.
    assert.deepEqual(await referrers(wire, `sha256:${'0'.repeat(64)}`), [])
    const one = await attach(scene, sbom, '{"packages":[]}')
    const two = await attach(scene, 'application/vnd.example.scan.v1', '{"findings":[]}')
    const found = await referrers(wire, image.digest)
    assert.deepEqual(found.map(({ digest }) => digest).toSorted(), [one.digest, two.digest].toSorted())
    const [only, ...others] = await referrers(wire, image.digest, sbom)
    assert.deepEqual(others, [])
    assert.deepEqual(
      { ...only },
      {
        ...one,
        artifactType: sbom,
        annotations: { 'org.opencontainers.image.created': '2026-01-01T00:00:00Z' },
      },
    )
    await fetchArtifact(wire, one)
    assert.deepEqual(await tags(wire), ['v1'], 'attaching makes no tag')
    await expected(wire.send('DELETE', `${base}/manifests/${one.digest}`), 202)
    assert.deepEqual(await referrers(wire, image.digest, sbom), [])
    await expected(wire.send('GET', `${base}/manifests/${image.digest}`), 200)
  })

  it('attaches to what was attached, and discovers the tree', async () => {
    await using scene = await openScene()
    const one = await attach(scene, sbom, '{"packages":[1]}')
    const config = await orasBlob(scene.wire, emptyJson, emptyType)
    const over = artifact('application/vnd.example.signature', one, config, [config])
    const { seen, descriptor } = await putManifest(scene.wire, undefined, over)
    assert.equal(seen.headers.get('oci-subject'), one.digest)
    assert.deepEqual(
      (await referrers(scene.wire, one.digest)).map(({ digest }) => digest),
      [descriptor.digest],
    )
  })

  it('copies an image with everything attached to it into another repository', async () => {
    await using scene = await openScene()
    const { wire, image } = scene
    const one = await attach(scene, sbom, '{"packages":[2]}')
    const target = '/v2/other/copy'
    for (const { digest, mediaType } of [image, one]) {
      const { bytes } = await wire.send('GET', `${base}/manifests/${digest}`, {
        headers: { accept: mediaType },
      })
      const manifest: { config: Descriptor; layers: Descriptor[] } = JSON.parse(String(bytes))
      for (const blob of [manifest.config, ...manifest.layers]) {
        const mount = `${target}/blobs/uploads/?mount=${blob.digest}&from=${repository}`
        await expected(wire.send('POST', mount), 201)
      }
      await expected(
        wire.send('PUT', `${target}/manifests/${digest}`, {
          headers: { 'content-type': mediaType },
          body: bytes,
        }),
        201,
      )
    }
    const seen = await expected(wire.send('GET', `${target}/referrers/${image.digest}`), 200)
    assert.deepEqual(
      seen.json<{ manifests: Descriptor[] }>().manifests.map(({ digest }) => digest),
      [one.digest],
    )
  })
})

describe('notation, on the wire', () => {
  const signatureType = 'application/vnd.cncf.notary.signature'

  it('signs by digest, lists signatures, and reads one to verify it', async () => {
    await using scene = await openScene()
    const { wire, image } = scene
    const thumbprints = { 'io.cncf.notary.x509chain.thumbprint#S256': '["ab"]' }
    const envelope = await orasBlob(wire, randomBytes(2000), 'application/jose+json')
    const config = await orasBlob(wire, emptyJson, signatureType)
    const { seen, descriptor } = await putManifest(wire, undefined, {
      schemaVersion: 2,
      mediaType: ociManifest,
      config,
      layers: [envelope],
      subject: image,
      annotations: thumbprints,
    })
    assert.equal(seen.headers.get('oci-subject'), image.digest)
    // No artifactType of its own: the config's type stands in, and the filter finds it by that.
    const [found] = await referrers(wire, image.digest, signatureType)
    assert.deepEqual(found, { ...descriptor, artifactType: signatureType, annotations: thumbprints })
    const { layers } = await fetchArtifact(wire, descriptor)
    assert.deepEqual(layers, [envelope])
  })
})

describe('cosign, on the wire', () => {
  const simpleSigning = 'application/vnd.dev.cosign.simplesigning.v1+json'
  const hexOf = ({ digest }: Descriptor): string => digest.slice('sha256:'.length)

  async function signature({ wire }: Scene, payload: string): Promise<Descriptor> {
    const layer = await craneBlob(wire, Buffer.from(payload))
    const annotations = { 'dev.cosignproject.cosign/signature': randomBytes(70).toString('base64') }
    return { mediaType: simpleSigning, ...layer, annotations }
  }

  for (const suffix of ['sig', 'att', 'sbom']) {
    it(`keeps a .${suffix} in a tag named after the image, and adds to it`, async () => {
      await using scene = await openScene()
      const { wire, image } = scene
      const tag = `sha256-${hexOf(image)}.${suffix}`
      await expected(wire.send('GET', `${base}/manifests/${tag}`, { headers: { accept: ociManifest } }), 404)
      const layers: Descriptor[] = []
      for (const payload of ['{"critical":{}}', '{"critical":{"n":2}}']) {
        layers.push(await signature(scene, payload))
        const config = await craneBlob(wire, Buffer.from(JSON.stringify({ rootfs: { diff_ids: layers } })))
        const { descriptor } = await putManifest(wire, tag, {
          schemaVersion: 2,
          mediaType: ociManifest,
          config: { ...config, mediaType: 'application/vnd.oci.image.config.v1+json' },
          layers,
        })
        const seen = await expected(
          wire.send('GET', `${base}/manifests/${tag}`, { headers: { accept: ociManifest } }),
          200,
        )
        assert.equal(digestOf(seen.bytes), descriptor.digest)
        assert.deepEqual(seen.json<{ layers: Descriptor[] }>().layers, layers)
      }
      assert.deepEqual(await tags(wire), [tag, 'v1'].toSorted())
      assert.deepEqual(await referrers(wire, image.digest), [], 'such tags are ordinary ones')
      await expected(wire.send('DELETE', `${base}/manifests/${tag}`), 202)
      assert.deepEqual(await tags(wire), ['v1'])
    })
  }

  for (const [what, artifactType, config] of [
    ['a signature (oci-1-1)', undefined, 'application/vnd.dev.cosign.artifact.sig.v1+json'],
    ['a bundle', 'application/vnd.dev.sigstore.bundle.v0.3+json', emptyType],
  ] as const) {
    it(`attaches ${what} by digest, and finds it through referrers`, async () => {
      await using scene = await openScene()
      const { wire, image } = scene
      const layer = await signature(scene, '{"critical":{"image":{}}}')
      const { seen, descriptor } = await putManifest(wire, undefined, {
        schemaVersion: 2,
        mediaType: ociManifest,
        ...(artifactType === undefined ? {} : { artifactType }),
        config: { ...(await craneBlob(wire, emptyJson)), mediaType: config },
        layers: [layer],
        subject: image,
      })
      assert.equal(seen.headers.get('oci-subject'), image.digest)
      const [found] = await referrers(wire, image.digest, artifactType ?? config)
      assert.equal(found?.digest, descriptor.digest)
      await fetchArtifact(wire, descriptor)
      assert.deepEqual(await tags(wire), ['v1'])
    })
  }

  it('a registry that it took to know no referrers: the fallback tag is found through the API all the same', async () => {
    await using scene = await openScene()
    const { wire, image } = scene
    const config = await craneBlob(wire, emptyJson)
    const child = await putManifest(
      wire,
      undefined,
      artifact('application/vnd.example.old', image, { ...config, mediaType: emptyType }, []),
    )
    const entry = { ...child.descriptor, artifactType: 'application/vnd.example.listed' }
    await putManifest(wire, `sha256-${hexOf(image)}`, {
      schemaVersion: 2,
      mediaType: ociIndex,
      manifests: [entry],
    })
    const found = await referrers(wire, image.digest)
    assert.deepEqual(
      found.map(({ digest }) => digest),
      [child.descriptor.digest],
    )
  })
})

describe('crane, on the wire', () => {
  it('digest, ls, catalog, copy with a mount, index append, delete', async () => {
    await using scene = await openScene()
    const { wire, image } = scene
    const accept = { accept: [ociManifest, ociIndex].join(',') }
    const head = await expected(wire.send('HEAD', `${base}/manifests/v1`, { headers: accept }), 200)
    for (const [name, value] of [
      ['content-type', ociManifest],
      ['content-length', String(image.size)],
      ['docker-content-digest', image.digest],
    ] as const) {
      assert.equal(head.headers.get(name), value)
    }
    const { config, layers } = await fetchArtifact(wire, image)
    const json = { 'content-type': 'application/json' }
    for (const { digest } of [config, ...layers]) {
      const query = `from=${encodeURIComponent(repository)}&mount=${encodeURIComponent(digest)}&origin=registry.test`
      await expected(wire.send('POST', `/v2/other/copy/blobs/uploads/?${query}`, { headers: json }), 201)
    }
    const { bytes } = await wire.send('GET', `${base}/manifests/${image.digest}`, { headers: accept })
    const sent = { headers: { 'content-type': ociManifest }, body: bytes }
    await expected(wire.send('PUT', '/v2/other/copy/manifests/v1', sent), 201)
    const list = { schemaVersion: 2, mediaType: ociIndex, manifests: [image] }
    const { descriptor } = await putManifest(wire, 'list', list)
    assert.deepEqual(await tags(wire), ['list', 'v1'])
    const catalog = await expected(wire.send('GET', '/v2/_catalog?n=1000'), 200)
    assert.deepEqual(catalog.json(), { repositories: [repository, 'other/copy'] })
    await expected(wire.send('DELETE', `${base}/manifests/${descriptor.digest}`), 202)
    assert.deepEqual(await tags(wire), ['v1'])
  })
})
