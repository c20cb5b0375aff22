import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { decode } from '../../machinery/index.ts'
import {
  canonicalImage,
  canonicalImageStream,
  canonicalImageStreamImport,
  canonicalImageStreamTag,
  imageSchema,
  imageStreamImportSchema,
  imageStreamSchema,
  imageStreamTagSchema,
} from './index.ts'

/** What a client reads back of what it sent. */
function printed(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}

function stream(body: unknown, mode?: 'Legacy' | 'PreserveOriginal'): unknown {
  return printed(canonicalImageStream(decode(imageStreamSchema, body).value, mode))
}

const noImage = {
  metadata: {},
  dockerImageMetadata: {
    kind: 'DockerImage',
    apiVersion: 'image.openshift.io/1.0',
    Id: '',
    Created: null,
    ContainerConfig: {},
  },
  dockerImageMetadataVersion: '1.0',
}

describe('ImageStream', () => {
  it('a fresh one prints lookup policy and repository alone', () => {
    assert.deepEqual(stream({ metadata: { name: 'a' } }), {
      metadata: { name: 'a' },
      spec: { lookupPolicy: { local: false } },
      status: { dockerImageRepository: '' },
    })
  })

  it('tags get defaults and nulls, are sorted, and the last of a name wins', () => {
    const tags = [
      { name: 'z', annotations: {}, from: { kind: 'DockerImage', name: 'a/b' } },
      { name: 'a', generation: 0, importPolicy: null, referencePolicy: { type: '' } },
      { name: 'z', from: { kind: 'DockerImage', name: 'a/c' }, reference: false },
    ]
    const defaults = { importPolicy: { importMode: 'Legacy' }, referencePolicy: { type: 'Source' } }
    assert.deepEqual(stream({ spec: { tags } }), {
      metadata: {},
      spec: {
        lookupPolicy: { local: false },
        tags: [
          { name: 'a', annotations: null, generation: 0, ...defaults },
          {
            name: 'z',
            annotations: null,
            from: { kind: 'DockerImage', name: 'a/c' },
            generation: null,
            ...defaults,
          },
        ],
      },
      status: { dockerImageRepository: '' },
    })
  })

  it('an empty import mode becomes the configured one, another stays', () => {
    const tags = [{ name: 'a' }, { name: 'b', importPolicy: { importMode: 'Legacy', scheduled: true } }]
    const modes = (stream({ spec: { tags } }, 'PreserveOriginal') as { spec: { tags: unknown[] } }).spec.tags
    assert.deepEqual(
      modes.map((tag) => (tag as { importPolicy: unknown }).importPolicy),
      [{ importMode: 'PreserveOriginal' }, { scheduled: true, importMode: 'Legacy' }],
    )
  })

  it('histories print null without events, conditions only where there are any', () => {
    const condition = { type: 'ImportSuccess', status: 'False', generation: 2 }
    const tags = [
      {
        tag: 'ok',
        items: [{ created: '2024-05-06T21:34:49Z', image: 'sha256:a', generation: 2 }],
        conditions: [],
      },
      { tag: 'broken', conditions: [condition] },
    ]
    assert.deepEqual(stream({ status: { tags } }), {
      metadata: {},
      spec: { lookupPolicy: { local: false } },
      status: {
        dockerImageRepository: '',
        tags: [
          { tag: 'broken', items: null, conditions: [{ ...condition, lastTransitionTime: null }] },
          {
            tag: 'ok',
            items: [
              { created: '2024-05-06T21:34:49Z', dockerImageReference: '', image: 'sha256:a', generation: 2 },
            ],
          },
        ],
      },
    })
  })

  it('tags sort by bytes', () => {
    const names = ['b', 'B', '10', '2', 'é', '\u{1f600}', '\uffee']
    const sorted = stream({ spec: { tags: names.map((name) => ({ name })) } }) as {
      spec: { tags: { name: string }[] }
    }
    assert.deepEqual(
      sorted.spec.tags.map(({ name }) => name),
      ['10', '2', 'B', 'b', 'é', '\uffee', '\u{1f600}'],
    )
  })

  it('doing it twice changes nothing', () => {
    const once = canonicalImageStream(decode(imageStreamSchema, { spec: { tags: [{ name: 'a' }] } }).value)
    assert.deepEqual(canonicalImageStream(once), once)
  })

  it('a canonical spec and status are left as the objects that they are', () => {
    const tags = [{ name: 'a', from: { kind: 'DockerImage', name: 'busybox' } }, { name: 'b' }]
    const histories = [
      { tag: 'a', items: [{ image: 'sha256:a' }] },
      { tag: 'b', items: null },
    ]
    const once = canonicalImageStream(
      decode(imageStreamSchema, { spec: { tags }, status: { tags: histories } }).value,
    )
    const again = canonicalImageStream(once)
    assert.equal(again.spec, once.spec)
    assert.equal(again.status, once.status)
    const [first, ...rest] = once.spec.tags ?? []
    const touched = canonicalImageStream({
      ...once,
      spec: { ...once.spec, tags: [{ ...first!, generation: undefined as unknown as null }, ...rest] },
    })
    assert.deepEqual(touched, once)
    assert.equal(touched.spec.tags?.[1], rest[0])
  })
})

describe('Image', () => {
  const image = (body: unknown): unknown => printed(canonicalImage(decode(imageSchema, body).value))

  it('without metadata prints the empty ones', () => assert.deepEqual(image({}), noImage))

  it('metadata lose what they do not know and keep an empty Config', () => {
    const dockerImageMetadata = {
      apiVersion: '1.0',
      Id: 'x',
      Created: '2016-01-26T21:07:27.123456789Z',
      rootfs: {},
      Size: 12,
      Config: { Env: [], Labels: {}, bogus: 1 },
      ContainerConfig: { Cmd: ['a'], ExposedPorts: { '80/tcp': {} }, Tty: false, Memory: 3 },
    }
    assert.deepEqual((image({ dockerImageMetadata }) as typeof noImage).dockerImageMetadata, {
      kind: 'DockerImage',
      apiVersion: 'image.openshift.io/1.0',
      Id: 'x',
      Created: '2016-01-26T21:07:27Z',
      ContainerConfig: { Memory: 3, ExposedPorts: { '80/tcp': {} }, Cmd: ['a'] },
      Config: {},
      Size: 12,
    })
  })

  it('reads the names of the oldest form', () => {
    const old = { apiVersion: 'pre012', id: 'x', docker_version: '1', config: { User: 'u' } }
    const { dockerImageMetadata } = image({ dockerImageMetadata: old }) as typeof noImage
    assert.deepEqual(dockerImageMetadata, {
      ...noImage.dockerImageMetadata,
      Id: 'x',
      DockerVersion: '1',
      Config: { User: 'u' },
    })
  })
})

it('an ImageStreamTag prints null for no tag and the empty image', () => {
  const istag = canonicalImageStreamTag(decode(imageStreamTagSchema, { metadata: { name: 'a:b' } }).value)
  assert.deepEqual(printed(istag), {
    metadata: { name: 'a:b' },
    tag: null,
    generation: 0,
    lookupPolicy: { local: false },
    image: noImage,
  })
})

it('an import goes to the tag that its source names', () => {
  const images = [
    { from: { kind: 'DockerImage', name: 'quay.io/a/b:v1' } },
    { from: { kind: 'DockerImage', name: 'quay.io/a/b' } },
    { from: { kind: 'DockerImage', name: 'quay.io/a/b:v1' }, to: { name: 'x' } },
  ]
  const request = decode(imageStreamImportSchema, { spec: { images } }).value
  const { spec } = canonicalImageStreamImport(request)
  assert.deepEqual(
    spec.images?.map(({ to }) => to),
    [{ name: 'v1' }, undefined, { name: 'x' }],
  )
  assert.deepEqual(spec.images?.[0]?.importPolicy, { importMode: 'Legacy' })
})
