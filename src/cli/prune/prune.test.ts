import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { ImageStream } from '../../api/index.ts'
import type { ApiResource } from '../../client/index.ts'
import { otherHolders } from './other-holders.ts'
import { findHost, isNearby, parseRegistryUrl } from './prune-registry.ts'

const resource = (group: string, plural: string, extra: Partial<ApiResource> = {}): ApiResource => ({
  group,
  version: 'v1',
  plural,
  singular: '',
  shortNames: [],
  kind: plural,
  namespaced: true,
  verbs: ['list'],
  categories: [],
  ...extra,
})

it('other holders are pod templates, revisions and custom resources, each once', () => {
  const found = otherHolders([
    resource('', 'secrets'),
    resource('', 'podtemplates'),
    resource('apps', 'deployments'),
    resource('apps', 'controllerrevisions'),
    resource('authentication.k8s.io', 'tokenreviews'),
    resource('jobset.x-k8s.io', 'jobsets'),
    resource('jobset.x-k8s.io', 'jobsets', { version: 'v1alpha1' }),
    resource('example.com', 'widgets', { verbs: ['create'] }),
    resource('weir.dev', 'tagevents'),
    resource('image.openshift.io', 'images'),
  ])
  assert.deepEqual(
    found.map(({ plural, version }) => `${plural} ${version}`),
    ['podtemplates v1', 'controllerrevisions v1', 'jobsets v1'],
  )
})

it('the registry is where the youngest pushed image is, or the oldest stream says (P-40)', () => {
  const stream = (created: string, repository: string) =>
    ({
      metadata: { creationTimestamp: created },
      status: { dockerImageRepository: repository },
    }) as ImageStream
  const streams = [stream('2026-01-02T00:00:00Z', 'new:1/n/s'), stream('2026-01-01T00:00:00Z', 'old:1/n/s')]
  assert.equal(findHost({ managedReference: 'host:5000/n/s:1', streams: [] } as never), 'host:5000')
  assert.equal(findHost({ managedReference: undefined, streams }), 'old:1')
  assert.throws(() => findHost({ managedReference: undefined, streams: [] }), {
    message: 'unable to find the remote registry host: no managed image found',
  })
  assert.throws(() => findHost({ managedReference: 'ns/name', streams: [] }), {
    message: 'unable to find the remote registry host: ns/name does not include a registry',
  })
})

it('hosts nearby may be insecure (P-41)', () => {
  const near = [
    'localhost:5000',
    '127.0.0.1',
    '10.1.2.3:80',
    '172.31.0.1',
    '192.168.1.1',
    '[::1]:5000',
    '[fd00::1]',
    '[fe80::1]:1',
  ]
  const far = [
    'registry.example',
    '172.32.0.1',
    '8.8.8.8:5000',
    '10.example.com',
    '[2001:db8::1]',
    'fdisk.example',
  ]
  assert.deepEqual(
    near.filter((host) => !isNearby(host)),
    [],
  )
  assert.deepEqual(far.filter(isNearby), [])
})

it('a registry URL is a host and nothing more (P-3)', () => {
  const why = (text: string) => {
    try {
      return parseRegistryUrl(text).host
    } catch (error) {
      return (error as Error).message
    }
  }
  assert.equal(why('https://host:5000/'), 'host:5000')
  assert.equal(why('host/path'), 'invalid --registry-url flag: no path after <host>[:<port>] is allowed')
  assert.equal(
    why('host?x=1'),
    'invalid --registry-url flag: no query arguments are allowed after <host>[:<port>]',
  )
  assert.equal(why('http://'), 'invalid --registry-url flag: no host name specified')
  assert.equal(why('ftp://host'), 'invalid --registry-url flag: unsupported scheme: ftp')
})
