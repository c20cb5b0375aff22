import assert from 'node:assert/strict'
import { it } from 'node:test'
import { ApiError } from '../machinery/errors.ts'
import { type Discovered, discover } from './discovery.ts'
import { findCategory, findKind, findResource, resourcePath } from './resource-name.ts'
import type { Rest, RestRequest } from './rest.ts'

/** A Rest that answers from a table; what is not there is 404. */
function answering(table: Record<string, unknown>): Rest {
  const json = async <T>({ path }: RestRequest): Promise<T> => {
    if (path in table) return table[path] as T
    throw new ApiError(404, 'NotFound', 'no such path')
  }
  const other = () => Promise.reject(new Error('not used'))
  return { json, request: other, attempt: other, stream: other }
}

const plain = {
  '/api': { kind: 'APIVersions', versions: ['v1'] },
  '/apis': {
    kind: 'APIGroupList',
    groups: [
      { name: 'image.openshift.io', versions: [{ version: 'v1' }], preferredVersion: { version: 'v1' } },
      {
        name: 'batch',
        versions: [{ version: 'v1beta1' }, { version: 'v1' }],
        preferredVersion: { version: 'v1' },
      },
      { name: 'broken.example.com', versions: [{ version: 'v1' }] },
    ],
  },
  '/api/v1': {
    resources: [{ name: 'secrets', singularName: '', namespaced: true, kind: 'Secret', verbs: ['get'] }],
  },
  '/apis/image.openshift.io/v1': {
    resources: [
      {
        name: 'imagestreams',
        singularName: 'imagestream',
        namespaced: true,
        kind: 'ImageStream',
        verbs: ['list'],
        shortNames: ['is'],
        categories: ['all'],
      },
      { name: 'imagestreams/status', namespaced: true, kind: 'ImageStream', verbs: ['get'] },
      { name: 'images', singularName: 'image', namespaced: false, kind: 'Image', verbs: ['get'] },
    ],
  },
  '/apis/batch/v1': {
    resources: [{ name: 'jobs', singularName: 'job', namespaced: true, kind: 'Job', verbs: ['get'] }],
  },
  '/apis/batch/v1beta1': {
    resources: [{ name: 'jobs', singularName: 'job', namespaced: true, kind: 'Job', verbs: ['get'] }],
  },
}

const names = (discovered: Discovered) =>
  discovered.resources.map(({ group, version, plural }) => `${group}/${version}/${plural}`)

it('reads the plain form, preferred versions first, and bears a group that fails', async () => {
  assert.deepEqual(names(await discover(answering(plain))), [
    '/v1/secrets',
    'image.openshift.io/v1/imagestreams',
    'image.openshift.io/v1/images',
    'batch/v1/jobs',
    'batch/v1beta1/jobs',
  ])
})

it('reads the aggregated form', async () => {
  const resource = {
    resource: 'imagestreams',
    responseKind: { kind: 'ImageStream' },
    scope: 'Namespaced',
    singularResource: 'imagestream',
    verbs: ['get'],
    shortNames: ['is'],
  }
  const table = {
    '/apis': {
      kind: 'APIGroupDiscoveryList',
      items: [
        { metadata: { name: 'image.openshift.io' }, versions: [{ version: 'v1', resources: [resource] }] },
      ],
    },
  }
  const [found] = (await discover(answering(table))).resources
  assert.deepEqual(found, {
    group: 'image.openshift.io',
    version: 'v1',
    plural: 'imagestreams',
    singular: 'imagestream',
    shortNames: ['is'],
    kind: 'ImageStream',
    namespaced: true,
    verbs: ['get'],
    categories: [],
  })
})

it('finds types by every name', async () => {
  const discovered = await discover(answering(plain))
  for (const text of [
    'is',
    'imagestream',
    'imagestreams',
    'ImageStream',
    'IS',
    'imagestreams.image.openshift.io',
    'is.v1.image.openshift.io',
  ]) {
    assert.equal(findResource(discovered, text)?.plural, 'imagestreams', text)
  }
  assert.equal(findResource(discovered, 'jobs')?.version, 'v1')
  assert.equal(findResource(discovered, 'jobs.v1beta1.batch')?.version, 'v1beta1')
  assert.equal(findResource(discovered, 'secret')?.plural, 'secrets')
  assert.equal(findResource(discovered, 'imagestreams/status'), undefined)
  assert.equal(findResource(discovered, 'is.example.com'), undefined)
  assert.deepEqual(
    findCategory(discovered, 'all').map((r) => r.plural),
    ['imagestreams'],
  )
  assert.equal(findKind(discovered, 'image.openshift.io/v1', 'Image')?.plural, 'images')
  assert.equal(findKind(discovered, 'v1', 'ImageStream'), undefined)
})

it('leaves colons and at signs in paths', () => {
  const tags = { group: 'image.openshift.io', version: 'v1', plural: 'imagestreamtags', namespaced: true }
  assert.equal(
    resourcePath(tags, 'demo', 'a b:1'),
    '/apis/image.openshift.io/v1/namespaces/demo/imagestreamtags/a%20b:1',
  )
  assert.equal(
    resourcePath(tags, 'demo', '../x@sha256:1'),
    '/apis/image.openshift.io/v1/namespaces/demo/imagestreamtags/..%2Fx@sha256:1',
  )
  assert.equal(
    resourcePath({ ...tags, plural: 'images', namespaced: false }, 'demo', 'x'),
    '/apis/image.openshift.io/v1/images/x',
  )
})
