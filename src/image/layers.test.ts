import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Image } from '../api/image/index.ts'
import { ociIndex, ociManifest } from '../oci/index.ts'
import { toLayers } from './layers.ts'
import { digest, event, history, stream } from './stream-fixture.ts'
import { readStreamImageName, requireStreamImage, toStreamImage } from './stream-image.ts'

const layer = { name: digest('1'), size: 10, mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip' }

function image(letter: string, parts: Partial<Image>): [string, Image] {
  const made = {
    metadata: { name: digest(letter), creationTimestamp: 'then' },
    dockerImageMetadataVersion: '1.0',
  }
  return [digest(letter), { ...made, dockerImageMetadata: { Id: digest('c') }, ...parts }]
}

function list(letter: string, ...children: string[]): [string, Image] {
  const entries = children.map((child) => {
    return { digest: digest(child), mediaType: ociManifest, manifestSize: 1, architecture: 'a', os: 'b' }
  })
  return image(letter, { dockerImageManifestMediaType: ociIndex, dockerImageManifests: entries })
}

const known = new Map<string, Image>([
  image('a', { dockerImageLayers: [layer], dockerImageManifestMediaType: ociManifest }),
  list('d', 'e', 'b'),
  list('e', 'a'),
])
const tagged = stream({
  annotations: { note: 'x' },
  labels: { team: 'web' },
  histories: [history('t', event('d'), event('f'))],
})
const { layers, missing } = toLayers(tagged, (name) => known.get(name))

describe('toLayers', () => {
  it('walks lists of lists down to their images', () => {
    assert.deepEqual(layers.images, {
      [digest('a')]: { imageMissing: false, layers: [digest('1')], config: digest('c') },
      [digest('b')]: { imageMissing: true, layers: null, config: null },
      [digest('d')]: {
        imageMissing: false,
        layers: null,
        config: null,
        manifests: [digest('e'), digest('b')],
      },
      [digest('e')]: { imageMissing: false, layers: null, config: null, manifests: [digest('a')] },
      [digest('f')]: { imageMissing: true, layers: null, config: null },
    })
    assert.deepEqual(missing.sort(), [digest('b'), digest('f')])
  })
  it('names every blob, manifests and configs without a size', () => {
    assert.deepEqual(layers.blobs, {
      [digest('1')]: { size: 10, mediaType: layer.mediaType },
      [digest('a')]: { size: null, mediaType: ociManifest },
      [digest('c')]: { size: null, mediaType: 'application/vnd.oci.image.config.v1+json' },
      [digest('d')]: { size: null, mediaType: ociIndex },
      [digest('e')]: { size: null, mediaType: ociIndex },
    })
  })
  it('takes an image without a type for docker’s, and gives it no config', () => {
    const untyped = new Map([image('d', {}), image('f', {})])
    const shown = toLayers(tagged, (name) => untyped.get(name)).layers
    assert.deepEqual(shown.images[digest('d')], { imageMissing: false, layers: [], config: null })
    assert.equal(shown.blobs[digest('d')]?.mediaType, 'application/vnd.docker.distribution.manifest.v2+json')
  })
})

describe('images of a stream', () => {
  it('are found by short ids, parts of lists too', () => {
    assert.equal(requireStreamImage(layers, readStreamImageName('ruby@aaaa')), digest('a'))
    assert.throws(
      () => requireStreamImage(layers, { stream: 'ruby', id: '9' }),
      /imagestreamimage\.image\.openshift\.io "ruby@9" not found/,
    )
    assert.throws(() => readStreamImageName('ruby@'), /ImageStreamImages must be retrieved with <name>@<id>/)
  })
  it('show the name as asked for and the stream’s annotations', () => {
    const [, found] = image('a', { dockerImageReference: 'own/ref', dockerImageManifest: '{}' })
    const shown = toStreamImage(tagged, 'aaaa', found)
    assert.deepEqual(shown.metadata, {
      name: 'ruby@aaaa',
      namespace: 'p',
      creationTimestamp: 'then',
      annotations: { note: 'x' },
    })
    assert.equal(shown.image.dockerImageReference, 'own/ref')
    assert.equal(shown.image.dockerImageManifest, undefined)
  })
})
