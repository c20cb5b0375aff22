import assert from 'node:assert/strict'
import { it } from 'node:test'
import { canonicalImage, type DockerConfig, type Image } from '../api/image/index.ts'
import { imageChanges } from './image-changes.ts'

const image = (Config: DockerConfig, more: object = {}, manifests?: Image['dockerImageManifests']): Image =>
  canonicalImage({
    metadata: {},
    dockerImageMetadata: { kind: 'DockerImage', apiVersion: 'image.openshift.io/1.0', Config, ...more },
    ...(manifests === undefined ? {} : { dockerImageManifests: manifests }),
  } as Image)

it('tells what differs, names of the environment but no values', () => {
  const before = image(
    {
      User: 'root',
      Entrypoint: ['/bin/sh', '-c'],
      Cmd: ['run it'],
      ExposedPorts: { '80/tcp': {}, '90/tcp': {} },
      Env: ['PATH=/bin', 'TOKEN=secret-1', 'OLD=1'],
      Labels: { 'org.opencontainers.image.revision': 'abc', other: 'x' },
    },
    { Size: 100, Architecture: 'amd64' },
  )
  const after = image(
    {
      Entrypoint: ['/app'],
      Cmd: ['run it'],
      ExposedPorts: { '80/tcp': {}, '8080/tcp': {} },
      Env: ['PATH=/bin', 'TOKEN=secret-2', 'NEW'],
      Labels: { 'org.opencontainers.image.revision': 'def', other: 'y' },
    },
    { Size: 120, Architecture: 'amd64' },
  )
  const changes = imageChanges(before, after)
  assert.deepEqual(changes, [
    { field: 'user', before: 'root' },
    { field: 'entrypoint', before: '/bin/sh -c', after: '/app' },
    { field: 'ports', added: ['8080/tcp'], removed: ['90/tcp'] },
    { field: 'env', added: ['NEW'], removed: ['OLD'], changed: ['TOKEN'] },
    { field: 'size', before: '100', after: '120' },
    { field: 'org.opencontainers.image.revision', before: 'abc', after: 'def' },
  ])
  assert.ok(!JSON.stringify(changes).includes('secret'))
  assert.deepEqual(imageChanges(before, before), [])
})

it('tells the platforms of lists, and cuts what an image says at length', () => {
  const entry = (architecture: string) => ({
    digest: 'sha256:1',
    mediaType: 'm',
    manifestSize: 1,
    architecture,
    os: 'linux',
  })
  const changes = imageChanges(
    image({}, {}, [entry('amd64')]),
    image({ User: 'u'.repeat(5000) }, {}, [entry('arm64'), entry('amd64')]),
  )
  assert.deepEqual(changes[1], {
    field: 'platforms',
    before: 'linux/amd64',
    after: 'linux/amd64,linux/arm64',
  })
  assert.equal(changes[0]?.after?.length, 256)
})
