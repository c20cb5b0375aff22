import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { dockerImageOf, type ImageImportStatus } from '../api/image/index.ts'
import { type Descriptor, type Digest, ociIndex, ociManifest, parseReference } from '../oci/index.ts'
import { choosePlatform } from './choose-platform.ts'
import { imageFromImport } from './image-from-import.ts'
import {
  imageNotFoundStatus,
  imageUnauthorizedStatus,
  importInternalErrorStatus,
  mergePasses,
  repositoryStatus,
  successStatus,
  wantsAnonymousPass,
  wrongPasswordStatus,
} from './import-status.ts'
import { orderRepositoryTags, selectRepositoryTags } from './repository-tags.ts'
import { digest, now, nowText } from './stream-fixture.ts'

describe('tags of a repository', () => {
  it('the example of import.md §3.8', () => {
    assert.deepEqual(selectRepositoryTags(['v1', 'other', 'v2', '3', '3.1', 'abc'], 5), {
      imported: ['3.1', '3', 'abc', 'other', 'v1'],
      additional: ['v2'],
    })
  })
  it('latest, minor versions, versions, the rest', () => {
    const tags = [
      'z',
      '1.2.3',
      'v1.2.4',
      '2.0',
      'v2.0',
      '2.0-rc1',
      '10.1',
      '',
      '1.2.3-beta',
      'a',
      '01.2.3',
      'latest',
    ]
    assert.deepEqual(orderRepositoryTags(tags), [
      'latest',
      '10.1',
      '2.0',
      'v2.0',
      '2.0-rc1',
      'v1.2.4',
      '1.2.3',
      '1.2.3-beta',
      '01.2.3',
      'a',
      'z',
    ])
  })
  it('a negative maximum means all', () => {
    assert.deepEqual(selectRepositoryTags(['a', 'b'], -1), { imported: ['a', 'b'], additional: [] })
  })
})

describe('choosePlatform', () => {
  const entry = (architecture: string, os = 'linux', id = architecture): Descriptor => {
    return { mediaType: ociManifest, digest: id as Digest, size: 1, platform: { architecture, os } }
  }
  const list = [entry('arm64'), entry('amd64'), entry('amd64', 'linux', 'second')]
  const chosen = (manifests: Descriptor[], architecture: string): string | undefined =>
    choosePlatform(manifests, { architecture, os: 'linux' })?.digest

  it('takes the first that fits', () => assert.equal(chosen(list, 'amd64'), 'amd64'))
  it('else linux/amd64', () => assert.equal(chosen(list, 's390x'), 'amd64'))
  it('else the first', () => assert.equal(chosen([entry('arm64')], 's390x'), 'arm64'))
  it('of nothing nothing', () => assert.equal(chosen([], 'amd64'), undefined))
})

describe('statuses', () => {
  it('have the shapes of import.md §2.2', () => {
    assert.deepEqual(imageNotFoundStatus('quay.io/org/app:v9'), {
      metadata: {},
      status: 'Failure',
      message: 'dockerimage.image.openshift.io "quay.io/org/app:v9" not found',
      reason: 'NotFound',
      details: { name: 'quay.io/org/app:v9', group: 'image.openshift.io', kind: 'dockerimage' },
      code: 404,
    })
    assert.equal(imageUnauthorizedStatus('a').details, undefined)
    assert.deepEqual(importInternalErrorStatus('a: b').details, { causes: [{ message: 'a: b' }] })
  })

  const result = (status: ImageImportStatus['status']): ImageImportStatus => ({ status })
  const good = result(successStatus)
  const bad = result(imageNotFoundStatus('a'))

  it('repositoryStatus counts failures', () => {
    assert.deepEqual(repositoryStatus([good]), successStatus)
    assert.equal(
      repositoryStatus([good, bad]).message,
      'one of the images from this repository failed to import',
    )
    assert.equal(
      repositoryStatus([bad, bad]).message,
      '2 of the images from this repository failed to import',
    )
  })

  it('only a wrong password asks for a second pass', () => {
    const wrong = result(wrongPasswordStatus('a'))
    const denied = result(imageUnauthorizedStatus('a'))
    assert.ok(wantsAnonymousPass([good, wrong]))
    assert.ok(!wantsAnonymousPass([good, denied]))
    assert.deepEqual(mergePasses([wrong, wrong, good], [good, denied, bad]), [good, wrong, bad])
  })
})

describe('imageFromImport', () => {
  const reference = parseReference('quay.io/o/app:v1')
  assert.ok(reference)
  const manifest = {
    schemaVersion: 2,
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: digest('c'), size: 2 },
    layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: digest('1'), size: 10 }],
  }
  const text = JSON.stringify(manifest)

  it('reads manifest and config, and leaves them out unless asked for', () => {
    const fetched = {
      digest: digest('a'),
      mediaType: ociManifest,
      text,
      config: '{"architecture":"arm64"}',
      reference,
    }
    const image = imageFromImport(fetched, false, now)
    assert.deepEqual(image.metadata, {
      name: digest('a'),
      annotations: { 'image.openshift.io/dockerLayersOrder': 'ascending' },
    })
    assert.equal(image.dockerImageReference, `quay.io/o/app@${digest('a')}`)
    assert.equal(dockerImageOf(image).Architecture, 'arm64')
    assert.equal(dockerImageOf(image).Size, 12)
    assert.equal(image.dockerImageManifest, undefined)
    assert.equal(imageFromImport(fetched, true, now).dockerImageManifest, text)
  })

  it('a list has entries and the time, no annotation and no size', () => {
    const platform = { architecture: 'amd64', os: 'linux' }
    const list = {
      schemaVersion: 2,
      manifests: [{ mediaType: ociManifest, digest: digest('1'), size: 7, platform }],
    }
    const fetched = { digest: digest('d'), mediaType: ociIndex, text: JSON.stringify(list), reference }
    const image = imageFromImport(fetched, false, now)
    assert.deepEqual(image.metadata, { name: digest('d') })
    const { Id, Created, Size } = dockerImageOf(image)
    assert.deepEqual([Id, Created, Size], [digest('d'), nowText, undefined])
    assert.equal(image.dockerImageManifests?.[0]?.manifestSize, 7)
    assert.equal(image.dockerImageLayers, undefined)
  })
})
