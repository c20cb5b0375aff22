import assert from 'node:assert/strict'
import { it } from 'node:test'
import { imageKinds, imageStreams } from './index.ts'

it('the group is what discovery says of it (image-api.md §1)', () => {
  const full = 'create delete deletecollection get list patch update watch'
  const tags = 'create delete get list patch update'
  const rows = imageKinds.map((kind) => [
    kind.plural,
    kind.singular,
    kind.namespaced,
    kind.kind,
    kind.verbs.join(' '),
    kind.shortNames.join(' '),
    kind.categories.join(' '),
    kind.storageVersionHash,
  ])
  assert.deepEqual(rows, [
    ['images', 'image', false, 'Image', full, '', '', 'FX/i8Tt+3Fc='],
    ['imagesignatures', 'imagesignature', false, 'ImageSignature', 'create delete', '', '', undefined],
    ['imagestreamimages', 'imagestreamimage', true, 'ImageStreamImage', 'get', 'isimage', '', undefined],
    ['imagestreamimports', 'imagestreamimport', true, 'ImageStreamImport', 'create', '', '', undefined],
    ['imagestreammappings', 'imagestreammapping', true, 'ImageStreamMapping', 'create', '', '', undefined],
    ['imagestreams', 'imagestream', true, 'ImageStream', full, 'is', 'all', 'mwmf9lCqOiA='],
    ['imagestreamtags', 'imagestreamtag', true, 'ImageStreamTag', tags, 'istag', '', undefined],
    ['imagetags', 'imagetag', true, 'ImageTag', tags, 'itag', '', undefined],
  ])
  assert.deepEqual(
    imageStreams.subresources.map(({ name, kind, verbs }) => `${name} ${kind} ${verbs.join(' ')}`),
    ['layers ImageStreamLayers get', 'secrets SecretList get', 'status ImageStream get patch update'],
  )
})

it('only images and imagestreams are stored', () => {
  const stored = imageKinds.filter((kind) => kind.stored).map((kind) => kind.plural)
  assert.deepEqual(stored, ['images', 'imagestreams'])
})
