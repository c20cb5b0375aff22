import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { parseRoute } from './route.ts'

const digest = `sha256:${'a'.repeat(64)}`

describe('parseRoute', () => {
  const known: [string, object][] = [
    ['/', { kind: 'health' }],
    ['/healthz', { kind: 'health' }],
    ['/v2', { kind: 'ping' }],
    ['/v2/', { kind: 'ping' }],
    ['/v2/_catalog', { kind: 'catalog' }],
    ['/openshift/token', { kind: 'token' }],
    ['/openshift/token/', { kind: 'token' }],
    ['/extensions/v2/metrics', { kind: 'metrics' }],
    ['/v2/a/b/tags/list', { kind: 'tags', name: 'a/b' }],
    ['/v2/a/b/manifests/v1', { kind: 'manifest', name: 'a/b', reference: 'v1' }],
    ['/v2/a/b/c/manifests/v1', { kind: 'manifest', name: 'a/b/c', reference: 'v1' }],
    ['/v2/a/manifests/v1', { kind: 'manifest', name: 'a', reference: 'v1' }],
    [`/v2/a/b/manifests/${digest}`, { kind: 'manifest', name: 'a/b', reference: digest }],
    [`/v2/a/b/blobs/sha256%3A${'a'.repeat(64)}`, { kind: 'blob', name: 'a/b', digest }],
    ['/v2/a/b/blobs/uploads', { kind: 'uploads', name: 'a/b' }],
    ['/v2/a/b/blobs/uploads/', { kind: 'uploads', name: 'a/b' }],
    ['/v2/a/b/blobs/uploads/x-1', { kind: 'upload', name: 'a/b', id: 'x-1' }],
    [`/v2/a/b/referrers/${digest}`, { kind: 'referrers', name: 'a/b', digest }],
    [`/extensions/v2/a/b/signatures/${digest}`, { kind: 'signatures', name: 'a/b', digest }],
    [`/admin/blobs/${digest}`, { kind: 'admin-blob', digest }],
    ['/admin/removals', { kind: 'admin-removals' }],
    ['/v2/tags/list/tags/list', { kind: 'tags', name: 'tags/list' }],
    ['/v2/blobs/uploads/blobs/uploads/', { kind: 'uploads', name: 'blobs/uploads' }],
    ['/v2/a/blobs/manifests/x', { kind: 'manifest', name: 'a/blobs', reference: 'x' }],
  ]
  for (const [path, route] of known) {
    it(path, () => assert.deepEqual(parseRoute(path), route))
  }

  const unknown = [
    '/nope',
    '/v3/',
    '/v2/a/b',
    '/v2/a/b/tags',
    '/v2/a/b/tags/list/',
    '/v2/a/b/manifests/',
    '/v2/A/b/manifests/x',
    '/v2/../etc/manifests/x',
    '/v2/a/../manifests/x',
    '/v2/a/%2e%2e/manifests/x',
    '/v2/a%2Fb/manifests/x',
    '/v2/a/b/manifests/x%2Fy',
    '/v2/a/b/manifests/x%00',
    '/v2/a/b/manifests/x%0d%0aSet-Cookie:a',
    '/v2/a/b/manifests/%',
    '/v2/a/b/manifests/%ff',
    '/v2/a/b/blobs/uploads/..%2fx',
    '/v2/a/b/blobs/uploads/a b',
    '/v2//b/manifests/x',
    '/admin/blobs/',
    '/admin/blobs/a/b',
    '/admin/removals/',
    '',
  ]
  for (const path of unknown) it(`no route: ${path}`, () => assert.equal(parseRoute(path), undefined))

  it('threat 5: no path yields a repository outside of the grammar, a slash or a control character', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'v2',
        'a',
        'b',
        '..',
        '.',
        '',
        'blobs',
        'uploads',
        'manifests',
        'tags',
        'list',
        'referrers',
      ),
      fc.constantFrom('%2e%2e', '%2f', '%5c', '%00', '%252e%252e', 'sha256:..%2f..', '%0a', '%E2%80%AE'),
      fc.string({ maxLength: 6 }),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 9 }), (pieces) => {
        const route = parseRoute(`/v2/${pieces.join('/')}`)
        if (route === undefined) return
        const texts = Object.values(route).filter((value) => value !== route.kind)
        for (const text of texts) assert.doesNotMatch(text, /\\|\p{Cc}/u)
        if ('name' in route) assert.match(route.name, /^[a-z0-9]+([._/-]+[a-z0-9]+)*$/)
        for (const part of ['reference', 'digest', 'id'] as const) {
          if (part in route) assert.doesNotMatch((route as never)[part], /\//)
        }
      }),
    )
  })
})
