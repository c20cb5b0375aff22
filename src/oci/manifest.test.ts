import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { effectiveArtifactType, manifestMediaType, parseManifest } from './manifest.ts'
import {
  dockerForeignLayer,
  dockerManifest,
  dockerManifestList,
  dockerSchema1,
  isMediaType,
  isNonDistributableLayer,
  ociConfig,
  ociEmpty,
  ociIndex,
  ociManifest,
} from './media-types.ts'

const digest = `sha256:${'a'.repeat(64)}`
const layerType = 'application/vnd.oci.image.layer.v1.tar+gzip'
const config = { mediaType: ociConfig, digest, size: 3 }
const layer = { mediaType: layerType, digest, size: 5 }
const image = { schemaVersion: 2, mediaType: ociManifest, config, layers: [layer] }
const index = {
  schemaVersion: 2,
  mediaType: ociIndex,
  manifests: [{ mediaType: ociManifest, digest, size: 7 }],
}

function problem(body: unknown, type?: string): string | undefined {
  const parsed = parseManifest(typeof body === 'string' ? body : JSON.stringify(body), type)
  return parsed.ok ? undefined : parsed.problem
}

describe('parseManifest', () => {
  it('reads an image', () => {
    const body = { ...image, subject: config, artifactType: 'x/y', annotations: { a: 'b' }, unknown: 1 }
    const parsed = parseManifest(JSON.stringify(body), `${ociManifest}; charset=utf-8`)
    assert.deepEqual(parsed, {
      ok: true,
      manifest: {
        kind: 'image',
        mediaType: ociManifest,
        config,
        layers: [layer],
        subject: config,
        artifactType: 'x/y',
        annotations: { a: 'b' },
      },
    })
  })

  it('reads an index with platforms', () => {
    const platform = { architecture: 'arm64', os: 'linux', variant: 'v8' }
    const body = { ...index, manifests: [{ mediaType: ociManifest, digest, size: 7, platform }] }
    const parsed = parseManifest(JSON.stringify(body), ociIndex)
    assert.ok(parsed.ok && parsed.manifest.kind === 'index')
    assert.deepEqual(parsed.manifest.manifests[0]?.platform, platform)
  })

  const accepted: [string, unknown, string | undefined][] = [
    ['empty layers', { ...image, layers: [] }, ociManifest],
    ['empty manifests', { ...index, manifests: [] }, ociIndex],
    ['no body media type for OCI', { ...image, mediaType: undefined }, ociManifest],
    ['unknown layer and config types', { ...image, config: { ...config, mediaType: 'a/b' } }, ociManifest],
    ['urls on an OCI layer', { ...image, layers: [{ ...layer, urls: ['http://x'] }] }, ociManifest],
    ['no content type', image, undefined],
    ['nothing but the shape', { ...index, mediaType: undefined }, undefined],
  ]
  for (const [name, body, type] of accepted) {
    it(`accepts ${name}`, () => assert.equal(problem(body, type), undefined))
  }

  const docker = { ...image, mediaType: dockerManifest }
  const refused: [string, unknown, string | undefined, RegExp][] = [
    ['no JSON', '{', ociManifest, /not JSON/],
    ['a list', [], ociManifest, /JSON object/],
    ['schema version 3', { ...image, schemaVersion: 3 }, ociManifest, /schemaVersion must be 2/],
    ['schema 1', { schemaVersion: 1 }, dockerSchema1, /schema 1/],
    ['schema 1 as JSON', { schemaVersion: 1 }, 'application/json', /schema 1/],
    ['schema 2 as JSON', docker, 'application/json', /not supported/],
    ['another media type', image, dockerManifest, /does not agree/],
    ['docker without media type', { ...docker, mediaType: undefined }, dockerManifest, /mediaType must be/],
    ['an image with manifests', { ...image, manifests: [] }, ociManifest, /no manifests/],
    ['an index with config', { ...index, config }, ociIndex, /neither config nor layers/],
    ['an index with layers', { ...index, layers: [] }, ociIndex, /neither config nor layers/],
    [
      'a list with config',
      { ...index, mediaType: dockerManifestList, config },
      dockerManifestList,
      /neither/,
    ],
    ['no layers', { ...image, layers: null }, ociManifest, /layers must be a list/],
    ['no config', { ...image, config: undefined }, ociManifest, /config is not a descriptor/],
    [
      'a bad digest',
      { ...image, config: { ...config, digest: 'sha256:ab' } },
      ociManifest,
      /config has no valid digest/,
    ],
    [
      'a negative size',
      { ...image, layers: [{ ...layer, size: -1 }] },
      ociManifest,
      /layers\[0\] has a negative size/,
    ],
    ['no size', { ...image, layers: [{ mediaType: layerType, digest }] }, ociManifest, /has no size/],
    [
      'no media type',
      { ...index, manifests: [{ digest, size: 1 }] },
      ociIndex,
      /manifests\[0\] has no media type/,
    ],
    [
      'a foreign layer without urls',
      { ...docker, layers: [{ ...layer, mediaType: dockerForeignLayer }] },
      dockerManifest,
      /without urls/,
    ],
    [
      'urls on a docker layer',
      { ...docker, layers: [{ ...layer, urls: ['http://x'] }] },
      dockerManifest,
      /has urls/,
    ],
    ['a bad subject', { ...image, subject: {} }, ociManifest, /subject has no media type/],
  ]
  for (const [name, body, type, expected] of refused) {
    it(`refuses ${name}`, () => assert.match(problem(body, type) ?? '', expected))
  }
})

it('manifestMediaType prefers the content type, then the body, then the shape', () => {
  assert.equal(manifestMediaType(`${ociIndex} ; x=y`, image), ociIndex)
  assert.equal(manifestMediaType('', image), ociManifest)
  assert.equal(manifestMediaType(undefined, { config: {}, layers: [] }), ociManifest)
  assert.equal(manifestMediaType(undefined, {}), undefined)
})

it('effectiveArtifactType falls back to the config of an image', () => {
  const type = (body: object): string | undefined => {
    const parsed = parseManifest(JSON.stringify(body))
    return parsed.ok ? effectiveArtifactType(parsed.manifest) : 'not parsed'
  }
  assert.equal(type({ ...image, config: { ...config, mediaType: ociEmpty } }), ociEmpty)
  assert.equal(type({ ...image, artifactType: 'x/y' }), 'x/y')
  assert.equal(type(index), undefined)
})

it('media types', () => {
  assert.ok(isMediaType(ociManifest))
  assert.ok(!isMediaType('nothing'))
  assert.ok(isNonDistributableLayer('application/vnd.oci.image.layer.nondistributable.v1.tar+zstd'))
  assert.ok(!isNonDistributableLayer(layerType))
})
