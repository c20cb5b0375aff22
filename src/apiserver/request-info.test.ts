import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseRequestInfo } from './request-info.ts'

const base = {
  kind: 'resource',
  version: 'v1',
  subresource: '',
  namespace: '',
  name: '',
  rest: [],
  watchPath: false,
}
const image = { ...base, group: 'image.openshift.io', resource: 'imagestreams' }

describe('parseRequestInfo()', () => {
  const cases: [string, string, boolean, object][] = [
    ['GET', '/apis/image.openshift.io/v1/imagestreams', false, { ...image, verb: 'list' }],
    ['GET', '/apis/image.openshift.io/v1/imagestreams', true, { ...image, verb: 'watch' }],
    [
      'GET',
      '/apis/image.openshift.io/v1/namespaces/demo/imagestreams/app',
      false,
      { ...image, verb: 'get', namespace: 'demo', name: 'app' },
    ],
    [
      'GET',
      '/apis/image.openshift.io/v1/namespaces/demo/imagestreams/app',
      true,
      { ...image, verb: 'get', namespace: 'demo', name: 'app' },
    ],
    [
      'PUT',
      '/apis/image.openshift.io/v1/namespaces/demo/imagestreams/app/status',
      false,
      { ...image, verb: 'update', namespace: 'demo', name: 'app', subresource: 'status' },
    ],
    [
      'DELETE',
      '/apis/image.openshift.io/v1/namespaces/demo/imagestreams',
      false,
      { ...image, verb: 'deletecollection', namespace: 'demo' },
    ],
    [
      'GET',
      '/apis/image.openshift.io/v1/watch/namespaces/demo/imagestreams/app',
      false,
      { ...image, verb: 'watch', namespace: 'demo', name: 'app', watchPath: true },
    ],
    [
      'GET',
      '/apis/image.openshift.io/v1/namespaces/demo/imagestreamtags/app%3Av1',
      false,
      { ...image, resource: 'imagestreamtags', verb: 'get', namespace: 'demo', name: 'app:v1' },
    ],
    [
      'GET',
      '/api/v1/namespaces/demo',
      false,
      { ...base, group: '', resource: 'namespaces', verb: 'get', namespace: 'demo', name: 'demo' },
    ],
    [
      'PUT',
      '/api/v1/namespaces/demo/finalize',
      false,
      {
        ...base,
        group: '',
        resource: 'namespaces',
        verb: 'update',
        namespace: 'demo',
        name: 'demo',
        subresource: 'finalize',
      },
    ],
    ['GET', '/api/v1/namespaces', false, { ...base, group: '', resource: 'namespaces', verb: 'list' }],
    [
      'GET',
      '/apis/image.openshift.io/v1',
      false,
      { kind: 'path', verb: 'get', path: '/apis/image.openshift.io/v1' },
    ],
    ['GET', '/version', false, { kind: 'path', verb: 'get', path: '/version' }],
    [
      'GET',
      '/api/v1/namespaces/demo/pods/p/proxy/a/b',
      false,
      {
        ...base,
        group: '',
        resource: 'pods',
        verb: 'get',
        namespace: 'demo',
        name: 'p',
        subresource: 'proxy',
        rest: ['a', 'b'],
      },
    ],
  ]
  for (const [method, path, watch, expected] of cases) {
    it(`${method} ${path}${watch ? '?watch' : ''}`, () => {
      assert.deepEqual(parseRequestInfo(method, path, { watch }), expected)
    })
  }

  it('takes the name that a field selector leaves for that of a read of a collection', () => {
    const query = { watch: true, pinnedName: 'app' }
    const path = '/apis/image.openshift.io/v1/namespaces/demo/imagestreams'
    assert.deepEqual(parseRequestInfo('GET', path, query), {
      ...image,
      verb: 'watch',
      namespace: 'demo',
      name: 'app',
    })
    assert.deepEqual(parseRequestInfo('DELETE', path, query), {
      ...image,
      verb: 'deletecollection',
      namespace: 'demo',
    })
  })

  it('leaves a segment that is not percent-encoding as it is', () => {
    const info = parseRequestInfo('GET', '/api/v1/namespaces/a/pods/%zz')
    assert.equal(info.kind === 'resource' && info.name, '%zz')
  })
})
