import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatFieldError } from '../../machinery/index.ts'
import { dockerManifest, ociIndex, ociManifest } from '../../oci/index.ts'
import { layersOrderAnnotation, manifestBlobStoredAnnotation } from './annotations.ts'
import { dockerImageOf, type Image, validateImage } from './image.ts'
import { prepareImageCreate, prepareImageUpdate } from './image-metadata.ts'
import { type ImageSignature, validateImageSignature } from './image-signature.ts'

const now = new Date('2024-05-06T12:00:00Z')
const digest = (letter: string): string => `sha256:${letter.repeat(64)}`

function image(parts: Partial<Image>): Image {
  return {
    metadata: { name: digest('f') },
    dockerImageMetadata: {},
    dockerImageMetadataVersion: '1.0',
    ...parts,
  }
}

const layerType = 'application/vnd.oci.image.layer.v1.tar+gzip'
const layers = [
  { mediaType: layerType, digest: digest('1'), size: 10 },
  { mediaType: layerType, digest: digest('2'), size: 20 },
  { mediaType: layerType, digest: digest('1'), size: 10 },
]
const manifest = JSON.stringify({
  schemaVersion: 2,
  mediaType: ociManifest,
  config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: digest('c'), size: 5 },
  layers,
})
const config = JSON.stringify({
  architecture: 'amd64',
  os: 'linux',
  created: '2016-01-26T21:07:27Z',
  config: { Cmd: ['/bin/sh'] },
  rootfs: {},
})
const index = JSON.stringify({
  schemaVersion: 2,
  mediaType: ociIndex,
  manifests: [
    {
      mediaType: ociManifest,
      digest: digest('1'),
      size: 7,
      platform: { architecture: 'arm64', os: 'linux', variant: 'v8' },
    },
  ],
})

describe('prepareImageCreate', () => {
  it('fills layers, metadata and type from manifest and config', () => {
    const made = prepareImageCreate(
      image({
        dockerImageManifest: manifest,
        dockerImageConfig: config,
        dockerImageManifestMediaType: ociManifest,
      }),
      { now },
    )
    assert.deepEqual(made.metadata.annotations, { [layersOrderAnnotation]: 'ascending' })
    assert.deepEqual(
      made.dockerImageLayers?.map(({ name }) => name),
      [digest('1'), digest('2'), digest('1')],
    )
    assert.deepEqual(dockerImageOf(made), {
      kind: 'DockerImage',
      apiVersion: 'image.openshift.io/1.0',
      Id: digest('c'),
      Created: '2016-01-26T21:07:27Z',
      ContainerConfig: {},
      Config: { Cmd: ['/bin/sh'] },
      Architecture: 'amd64',
      Size: 35,
    })
    assert.equal(made.dockerImageManifest, manifest)
  })

  it('drops the text that the registry keeps', () => {
    const annotations = { [manifestBlobStoredAnnotation]: 'true' }
    const made = prepareImageCreate(
      image({ metadata: { annotations }, dockerImageManifest: manifest, dockerImageConfig: config }),
      { now },
    )
    assert.equal(made.dockerImageManifest, undefined)
    assert.equal(made.dockerImageConfig, undefined)
    assert.equal(dockerImageOf(made).Size, 35)
  })

  it('an artifact has no Config and no Architecture', () => {
    const made = prepareImageCreate(image({ dockerImageManifest: manifest, dockerImageConfig: '{}' }), {
      now,
    })
    assert.deepEqual(dockerImageOf(made), {
      kind: 'DockerImage',
      apiVersion: 'image.openshift.io/1.0',
      Id: digest('c'),
      Created: null,
      ContainerConfig: {},
      Size: 35,
    })
  })

  it('a config that is no JSON does no harm', () => {
    const made = prepareImageCreate(image({ dockerImageManifest: manifest, dockerImageConfig: 'text' }), {
      now,
    })
    assert.equal(dockerImageOf(made).Id, digest('c'))
  })

  it('a list has its own digest, the time, and its entries', () => {
    const made = prepareImageCreate(
      image({ dockerImageManifest: index, dockerImageManifestMediaType: ociIndex }),
      { now },
    )
    assert.equal(dockerImageOf(made).Id, digest('f'))
    assert.equal(dockerImageOf(made).Created, '2024-05-06T12:00:00Z')
    assert.equal(made.metadata.annotations, undefined)
    assert.deepEqual(made.dockerImageManifests, [
      {
        digest: digest('1'),
        mediaType: ociManifest,
        manifestSize: 7,
        architecture: 'arm64',
        os: 'linux',
        variant: 'v8',
      },
    ])
  })

  it('layers of an unmarked image are taken for newest first', () => {
    const given = [
      { name: 'b', size: 1, mediaType: 'x/y' },
      { name: 'a', size: 1, mediaType: 'x/y' },
    ]
    const unmarked = image({
      dockerImageManifest: 'unreadable',
      dockerImageLayers: given,
      dockerImageManifestMediaType: dockerManifest,
    })
    assert.deepEqual(prepareImageCreate(unmarked, { now }).dockerImageLayers, given.toReversed())
    const marked = { ...unmarked, metadata: { annotations: { [layersOrderAnnotation]: 'ascending' } } }
    assert.deepEqual(prepareImageCreate(marked, { now }).dockerImageLayers, given)
  })

  it('an image without a manifest stays as it is', () => {
    const plain = image({ dockerImageReference: 'a/b' })
    assert.deepEqual(prepareImageCreate(plain, { now }), plain)
  })

  it('schema 1 gives v1 ids and sizes', () => {
    const text = JSON.stringify({
      schemaVersion: 1,
      fsLayers: [{ blobSum: digest('2') }, { blobSum: digest('1') }],
      history: [
        { v1Compatibility: '{"id":"top","Size":7,"author":"me"}' },
        { v1Compatibility: '{"id":"base","Size":3}' },
      ],
    })
    const made = prepareImageCreate(image({ dockerImageManifest: text }), { now })
    assert.equal(dockerImageOf(made).Id, 'top')
    assert.equal(dockerImageOf(made).Author, 'me')
    assert.equal(dockerImageOf(made).Size, 10)
    assert.deepEqual(
      made.dockerImageLayers?.map(({ name }) => name),
      [digest('1'), digest('2')],
    )
  })
})

describe('prepareImageUpdate', () => {
  const old = prepareImageCreate(image({ dockerImageManifest: manifest, dockerImageConfig: config }), { now })

  it('restores what the digest stands for, and takes the rest', () => {
    const next = image({
      metadata: { name: digest('f'), labels: { x: 'y' } },
      dockerImageReference: 'c/d',
      dockerImageMetadata: { Id: 'forged' },
      dockerImageManifest: 'forged',
      dockerImageConfig: config,
    })
    const made = prepareImageUpdate(next, old, { now })
    assert.deepEqual(made.dockerImageMetadata, old.dockerImageMetadata)
    assert.deepEqual(made.dockerImageLayers, old.dockerImageLayers)
    assert.equal(made.dockerImageManifest, manifest)
    assert.equal(made.dockerImageReference, 'c/d')
    assert.deepEqual(made.metadata.labels, { x: 'y' })
  })

  it('takes a manifest that hashes to the name', () => {
    const { dockerImageManifest, ...bare } = old
    const next = { ...bare, dockerImageManifest: manifest }
    const hash = (text: string): string => (text === manifest ? digest('f') : digest('0'))
    assert.equal(prepareImageUpdate(next, bare, { now, digest: hash }).dockerImageManifest, manifest)
    assert.equal(prepareImageUpdate(next, bare, { now }).dockerImageManifest, undefined)
  })
})

describe('validateImage', () => {
  const texts = (parts: Partial<Image>): string[] => validateImage(image(parts)).map(formatFieldError)
  const entry = { digest: digest('1'), mediaType: ociManifest, manifestSize: 1, architecture: 'a', os: 'b' }

  it('needs a reference', () => assert.deepEqual(texts({}), ['dockerImageReference: Required value']))
  it('that parses', () => {
    assert.deepEqual(texts({ dockerImageReference: 'A b' }), [
      'dockerImageReference: Invalid value: "A b": invalid reference format',
    ])
  })
  it('refuses bad entries of a list, and layers beside them', () => {
    const dockerImageManifests = [
      entry,
      { ...entry, digest: 'x', mediaType: 'y', architecture: '', os: '', manifestSize: -1 },
    ]
    assert.deepEqual(
      texts({
        dockerImageReference: 'a/b',
        dockerImageManifests,
        dockerImageLayers: [{ name: 'l', size: 1, mediaType: 'x/y' }],
      }),
      [
        'dockerImageManifests[1].digest: Invalid value: "x": digest does not conform with OCI image specification',
        'dockerImageManifests[1].mediaType: Invalid value: "y": media type does not conform to RFC6838',
        'dockerImageManifests[1].architecture: Required value',
        'dockerImageManifests[1].os: Required value',
        'dockerImageManifests[1].size: Invalid value: -1: manifest size cannot be negative',
        'dockerImageLayers: Invalid value: [{"name":"l","size":1,"mediaType":"x/y"}]: dockerImageLayers should not be set when dockerImageManifests is set',
      ],
    )
  })
})

describe('validateImageSignature', () => {
  const good: ImageSignature = { metadata: { name: 'a@b' }, type: 'atomic', content: 'aGVsbG8=' }
  const texts = (parts: Partial<ImageSignature>): string[] =>
    validateImageSignature({ ...good, ...parts }, 'signatures[0].').map(formatFieldError)

  it('takes a plain one', () => assert.deepEqual(texts({}), []))
  it('refuses labels, annotations, bad names, missing parts', () => {
    assert.deepEqual(
      texts({ metadata: { name: 'a', labels: { a: 'b' }, annotations: { a: 'b' } }, type: '', content: '' }),
      [
        'signatures[0].metadata.labels: Forbidden: signature labels cannot be set',
        'signatures[0].metadata.annotations: Forbidden: signature annotations cannot be set',
        'signatures[0].metadata.name: Invalid value: "a": name must be of format <imageName>@<signatureName>',
        'signatures[0].type: Required value',
        'signatures[0].content: Required value',
      ],
    )
  })
  it('wants Trusted and ForImage together, and nothing verified without them', () => {
    const condition = (type: string, status = 'True') => ({ type, status })
    assert.match(texts({ conditions: [condition('Trusted')] })[0] ?? '', /missing "ForImage" condition type/)
    assert.match(texts({ conditions: [condition('ForImage')] })[0] ?? '', /missing "Trusted" condition type/)
    assert.deepEqual(texts({ imageIdentity: 'x' }), [
      'signatures[0].imageIdentity: Invalid value: "x": must be unset for unknown signature state',
    ])
    const conditions = [condition('Trusted'), condition('ForImage')]
    assert.deepEqual(texts({ imageIdentity: 'x', conditions }), [])
  })
})
