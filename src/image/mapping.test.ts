import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { dockerImageOf, type ImageStreamMapping, prepareImageCreate } from '../api/image/index.ts'
import { type Digest, parseManifest } from '../oci/index.ts'
import { imageFromPush, mappingFromPush } from './image-from-push.ts'
import { applyMapping, canRetryMapping, imageOfMapping, prepareMapping } from './mapping.ts'
import {
  digest,
  event,
  fromDocker,
  fromTag,
  history,
  now,
  nowText,
  stream,
  summary,
} from './stream-fixture.ts'

const text = JSON.stringify({
  schemaVersion: 2,
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: digest('c'), size: 2 },
  layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: digest('1'), size: 10 }],
})
const parsed = parseManifest(text)
assert.ok(parsed.ok)
const pushed = {
  digest: digest('b') as Digest,
  manifest: parsed.manifest,
  text,
  config: '{}',
  registry: 'reg:5000',
  namespace: 'p',
  stream: 'ruby',
}
const mapping = prepareMapping(mappingFromPush(pushed, 't'), 'reg:5000')
const local = `reg:5000/p/ruby@${digest('b')}`

describe('a push', () => {
  it('makes an Image whose text the registry keeps', () => {
    const image = prepareImageCreate(imageOfMapping(mapping), { now })
    assert.deepEqual(image.metadata, {
      name: digest('b'),
      annotations: {
        'openshift.io/image.managed': 'true',
        'image.openshift.io/manifestBlobStored': 'true',
        'image.openshift.io/dockerLayersOrder': 'ascending',
      },
    })
    assert.equal(image.dockerImageReference, local)
    assert.equal(image.dockerImageManifest, undefined)
    assert.equal(dockerImageOf(image).Size, 12)
    assert.equal(dockerImageOf(image).Id, digest('c'))
  })

  it('of an index has no layers, no config, and says no order', () => {
    const manifest = { kind: 'index' as const, mediaType: 'x/y', manifests: [] }
    const image = imageFromPush({ ...pushed, manifest, config: undefined })
    assert.equal(image.dockerImageLayers, undefined)
    assert.equal(image.dockerImageConfig, undefined)
    assert.equal(image.metadata.annotations?.['image.openshift.io/dockerLayersOrder'], '')
  })

  it('becomes the newest event, in the stream’s own generation, and moves followers', () => {
    const before = stream({
      generation: 6,
      tags: [fromTag('latest', 'ruby:t', { generation: 6 }), fromTag('far', 'latest', { generation: 5 })],
      histories: [
        history('t', event('a', 6)),
        history('latest', event('a', 6)),
        history('far', event('a', 5)),
      ],
    })
    const after = applyMapping(before, mapping, { existed: false, now })
    assert.deepEqual(summary(after), { t: 'b@6 a@6', latest: 'b@6 a@6', far: 'a@5' })
    assert.deepEqual(after.spec, before.spec)
    assert.equal(after.status.tags?.find(({ tag }) => tag === 't')?.items?.[0]?.created, nowText)
  })

  it('of what is there already writes nothing', () => {
    const before = applyMapping(stream(), mapping, { existed: false, now })
    assert.equal(applyMapping(before, mapping, { existed: true, now }), before)
  })
})

describe('the event of an image that existed', () => {
  const reference = (changed: Partial<ImageStreamMapping['image']>): string | undefined => {
    const image = { ...mapping.image, dockerImageReference: 'quay.io/o/app', ...changed }
    const after = applyMapping(stream(), { ...mapping, image }, { existed: true, now })
    return after.status.tags?.[0]?.items?.[0]?.dockerImageReference
  }
  it('is local when it is pushed here', () => assert.equal(reference({}), local))
  it('is what it says otherwise', () => {
    assert.equal(reference({ metadata: { name: digest('b') } }), 'quay.io/o/app')
  })
})

it('prepareMapping fills the reference in and drops signatures', () => {
  const { dockerImageReference, ...image } = mapping.image
  const signatures = [{ metadata: { name: 'a@b' }, type: 't', content: 'x' }]
  const prepared = prepareMapping({ ...mapping, image: { ...image, signatures } }, 'reg:5000')
  assert.equal(prepared.image.dockerImageReference, local)
  assert.equal(prepared.image.signatures, undefined)
  const unknown = prepareMapping({ ...mapping, image }, '')
  assert.equal(unknown.image.dockerImageReference, undefined)
})

it('a lost race is tried again only while the tag stays', () => {
  const seen = stream({ histories: [history('t', event('a', 1))] })
  const same = stream({ tags: [fromDocker('x', 'y/z')], histories: [history('t', event('a', 2, 'later'))] })
  const moved = stream({ histories: [history('t', event('c'))] })
  assert.ok(canRetryMapping(seen, same, 't'))
  assert.ok(!canRetryMapping(seen, moved, 't'))
  assert.ok(canRetryMapping(stream(), moved, 't'))
})
