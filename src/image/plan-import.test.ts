import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  canonicalImageStreamImport,
  type ImageStreamImport,
  preferArchAnnotation,
} from '../api/image/index.ts'
import { formatExact } from '../oci/index.ts'
import { imageNotFoundStatus, successStatus } from './import-status.ts'
import { checkImportVersion, imageStatuses, importWhitelistError, planImport } from './plan-import.ts'
import { digest, fromDocker, stream } from './stream-fixture.ts'
import { createWhitelist } from './whitelist.ts'

const server = { architecture: 'amd64', os: 'linux' }

function docker(name: string, more: object = {}) {
  return { from: { kind: 'DockerImage', name }, ...more }
}

function request(spec: object, metadata: object = {}): ImageStreamImport {
  return canonicalImageStreamImport({
    metadata: { name: 'ruby', namespace: 'p', ...metadata },
    spec: { import: true, ...spec },
    status: {},
  } as ImageStreamImport)
}

describe('planImport', () => {
  it('fetches each thing once, however it is written', () => {
    const images = [
      docker('busybox', { to: { name: 'a' }, importPolicy: { insecure: true } }),
      docker('docker.io/library/busybox:latest'),
      docker('busybox:1'),
      docker(`busybox@${digest('a')}`, { to: { name: 'd' } }),
    ]
    const plan = planImport(request({ images }), undefined, server)
    assert.equal(plan.fetches.length, 3)
    assert.equal(plan.images[0], plan.images[1])
    const [first] = plan.fetches
    assert.ok(first)
    assert.equal(formatExact(first.repository.written), 'busybox')
    assert.equal(formatExact({ ...first.repository.target, tag: '' }), 'docker.io/library/busybox')
    assert.deepEqual(
      plan.fetches.map(({ tag, digest: id, repository }) => [tag, id, repository.insecure]),
      [
        ['latest', undefined, true],
        ['1', undefined, true],
        [undefined, digest('a'), true],
      ],
    )
  })

  it('modes and platforms are fetched apart', () => {
    const images = [
      docker('q.io/a:1', { to: { name: 'arm' } }),
      docker('q.io/a:1', { to: { name: 'x' } }),
      docker('q.io/a:1', { to: { name: 'y' }, importPolicy: { importMode: 'PreserveOriginal' } }),
    ]
    const stored = stream({
      tags: [fromDocker('arm', 'q.io/a:1', { annotations: { [preferArchAnnotation]: 'arm64' } })],
    })
    const plan = planImport(request({ images }), stored, server)
    assert.deepEqual(
      plan.fetches.map(({ mode, platform }) => `${mode} ${platform.os}/${platform.architecture}`),
      ['Legacy linux/arm64', 'Legacy linux/amd64', 'PreserveOriginal linux/amd64'],
    )
  })

  it('the annotation of the stream makes all insecure', () => {
    const stored = stream({ annotations: { 'openshift.io/image.insecureRepository': 'true' } })
    const plan = planImport(request({ repository: docker('q.io/a/b') }), stored, server)
    assert.equal(plan.repository?.repository.insecure, true)
  })

  it('skips the star', () => {
    const plan = planImport(request({ images: [docker('*')] }), undefined, server)
    assert.deepEqual([plan.fetches, plan.images], [[], [undefined]])
  })
})

it('imageStatuses gives each entry its result and the tag fetched', () => {
  const images = [
    docker('q.io/a:1', { to: { name: 'x' } }),
    docker(`q.io/a@${digest('a')}`),
    docker('q.io/b:2'),
  ]
  const plan = planImport(request({ images }), undefined, server)
  const missing = imageNotFoundStatus('q.io/a:1')
  const statuses = imageStatuses(
    plan,
    new Map([
      [plan.images[0] ?? '', { status: missing }],
      [plan.images[1] ?? '', { status: successStatus }],
    ]),
  )
  assert.deepEqual(statuses.slice(0, 2), [{ status: missing, tag: '1' }, { status: successStatus }])
  assert.equal(
    statuses[2]?.status.message,
    'Internal error occurred: unknown error while importing tag "2" from repository "q.io/b:2" with import mode "Legacy", please try again.',
  )
})

describe('checkImportVersion', () => {
  it('takes any stream without a version, and the one it names', () => {
    checkImportVersion(request({}), undefined)
    checkImportVersion(request({}, { resourceVersion: '7' }), stream())
  })
  it('refuses others', () => {
    assert.throws(
      () => checkImportVersion(request({}, { resourceVersion: '1' }), undefined),
      /^ApiError: imagestreamimports\.image\.openshift\.io "ruby" not found$/,
    )
    assert.throws(
      () => checkImportVersion(request({}, { resourceVersion: '1' }), stream()),
      /^ApiError: Operation cannot be fulfilled on imagestream\.image\.openshift\.io "ruby": the image stream was updated from "1" to "7"$/,
    )
  })
})

it('importWhitelistError names host and port', () => {
  const whitelist = createWhitelist([{ domainName: 'quay.io' }], '')
  const images = [docker('docker.io/library/busybox'), docker('quay.io/a/b')]
  assert.equal(
    importWhitelistError(request({ images }), whitelist)?.message,
    'ImageStreamImport.image.openshift.io "ruby" is invalid: spec.images[0].from.name: Forbidden: importing images from registry "registry-1.docker.io:443" is forbidden: registry "registry-1.docker.io:443" not allowed by whitelist: "quay.io:443"',
  )
  assert.equal(importWhitelistError(request({ repository: docker('quay.io/a/b') }), whitelist), undefined)
})
