import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { accessRecords, recordsDetail } from './access-record.ts'
import { allowedMethods, parseRoute } from './route.ts'

const digest = `sha256:${'a'.repeat(64)}`

/** Method and path → what is asked, as `verb resource/subresource namespace/name`. */
const table: [string, string, string[]][] = [
  ['GET', '/v2/', []],
  ['GET', '/v2/_catalog', ['list imagestreams /']],
  ['GET', '/v2/p/s/tags/list', ['get imagestreams/layers p/s']],
  ['GET', '/v2/p/s/manifests/x', ['get imagestreams/layers p/s']],
  ['HEAD', '/v2/p/s/manifests/x', ['get imagestreams/layers p/s']],
  ['PUT', '/v2/p/s/manifests/x', ['get imagestreams/layers p/s', 'update imagestreams/layers p/s']],
  ['DELETE', '/v2/p/s/manifests/x', ['delete images /']],
  ['GET', `/v2/p/s/blobs/${digest}`, ['get imagestreams/layers p/s']],
  ['HEAD', `/v2/p/s/blobs/${digest}`, ['get imagestreams/layers p/s']],
  ['DELETE', `/v2/p/s/blobs/${digest}`, ['delete images /']],
  ['POST', '/v2/p/s/blobs/uploads/', ['get imagestreams/layers p/s', 'update imagestreams/layers p/s']],
  ['PATCH', '/v2/p/s/blobs/uploads/u', ['get imagestreams/layers p/s', 'update imagestreams/layers p/s']],
  ['PUT', '/v2/p/s/blobs/uploads/u', ['get imagestreams/layers p/s', 'update imagestreams/layers p/s']],
  ['GET', '/v2/p/s/blobs/uploads/u', ['get imagestreams/layers p/s']],
  ['DELETE', '/v2/p/s/blobs/uploads/u', ['update imagestreams/layers p/s']],
  ['GET', `/v2/p/s/referrers/${digest}`, ['get imagestreams/layers p/s']],
  [
    'GET',
    `/extensions/v2/p/s/signatures/${digest}`,
    ['get imagestreams/layers p/s', 'get imagestreams/layers p/s'],
  ],
  [
    'PUT',
    `/extensions/v2/p/s/signatures/${digest}`,
    ['create imagesignatures p/', 'get imagestreams/layers p/s', 'update imagestreams/layers p/s'],
  ],
  ['DELETE', `/admin/blobs/${digest}`, ['delete images /']],
  ['POST', '/admin/removals', ['delete images /']],
  ['GET', '/extensions/v2/metrics', ['get registry/metrics /']],
]

describe('threat 11: method × path × right (registry.md §12.3)', () => {
  for (const [method, path, expected] of table) {
    it(`${method} ${path}`, () => {
      const route = parseRoute(path)
      assert.ok(route)
      const asked = accessRecords(method, route).map(
        ({ asks: { verb, resource, subresource, namespace, name } }) =>
          `${verb} ${resource}${subresource === '' ? '' : `/${subresource}`} ${namespace}/${name}`,
      )
      assert.deepEqual(asked, expected)
    })
  }

  it('no method of a repository route goes unasked', () => {
    for (const [, path] of table) {
      const route = parseRoute(path)
      if (route === undefined || route.kind === 'ping') continue
      for (const method of allowedMethods(route.kind)) {
        assert.notEqual(accessRecords(method, route).length, 0, `${method} ${path}`)
      }
    }
  })
})

it('the detail lists the records, and is null where there are none (A-11)', () => {
  const route = parseRoute('/v2/p/s/manifests/x')
  assert.ok(route)
  assert.deepEqual(recordsDetail(accessRecords('PUT', route)), [
    { Type: 'repository', Class: '', Name: 'p/s', Action: 'pull' },
    { Type: 'repository', Class: '', Name: 'p/s', Action: 'push' },
  ])
  assert.equal(recordsDetail([]), null)
})
