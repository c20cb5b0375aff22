import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ApiError } from '../machinery/errors.ts'
import { openRegistryLab } from './registry-lab.ts'
import { errorCodes, pushImage } from './test-images.ts'

const basic = (text: string): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(text).toString('base64')}`,
})
const denied = 'Basic realm=openshift,error="access denied"'

describe('authentication (B-10 to B-14)', () => {
  it('/v2/ without credentials asks for a token (r323)', async () => {
    await using lab = await openRegistryLab()
    const seen = await lab.request('GET', '/v2/', { as: '' })
    assert.equal(seen.status, 401)
    assert.equal(seen.headers.get('www-authenticate'), `Bearer realm="${lab.url}/openshift/token"`)
    const body = '{"errors":[{"code":"UNAUTHORIZED","message":"authentication required","detail":null}]}\n'
    assert.equal(seen.text, body)
    assert.equal(seen.headers.get('content-type'), 'application/json')
    assert.equal(seen.headers.get('docker-distribution-api-version'), 'registry/2.0')
    assert.equal(seen.headers.get('x-registry-supports-signatures'), '1')
  })

  it('/v2/ with good credentials of either scheme is 200 {} (r324)', async () => {
    await using lab = await openRegistryLab()
    const credentials = [
      { authorization: 'Bearer alice-token' },
      basic('anybody:alice-token'),
      { authorization: 'Bearer anonymous' },
    ]
    for (const headers of credentials) {
      const seen = await lab.request('GET', '/v2/', { as: '', headers })
      assert.equal(seen.status, 200)
      assert.equal(seen.text, '{}')
      assert.equal(seen.headers.get('content-type'), 'application/json')
      assert.equal((await lab.request('HEAD', '/v2', { as: '', headers })).status, 200)
    }
  })

  it('bad tokens and undecodable credentials are told apart (r325)', async () => {
    await using lab = await openRegistryLab()
    const cases: [Record<string, string>, string][] = [
      [{ authorization: 'Bearer nobody-token' }, denied],
      [basic('x:bad'), denied],
      [basic('x:'), 'Basic realm=openshift,error="failed to decode credentials"'],
      [{ authorization: 'Digest x' }, `Bearer realm="${lab.url}/openshift/token"`],
    ]
    for (const [headers, challenge] of cases) {
      const seen = await lab.request('GET', '/v2/', { as: '', headers })
      assert.equal(seen.status, 401)
      assert.equal(seen.headers.get('www-authenticate'), challenge)
    }
  })

  it('refusals list what was asked for (r338, r339, r345, r366)', async () => {
    await using lab = await openRegistryLab()
    const record = (type: string, name: string, action: string) => ({
      Type: type,
      Class: '',
      Name: name,
      Action: action,
    })
    const cases: [string, string, string, unknown[]][] = [
      ['mallory', 'GET', '/v2/demo/app/manifests/x', [record('repository', 'demo/app', 'pull')]],
      ['', 'GET', '/v2/demo/app/manifests/x', [record('repository', 'demo/app', 'pull')]],
      ['alice', 'DELETE', '/v2/demo/app/manifests/x', [record('repository', 'demo/app', 'delete')]],
      ['alice', 'GET', '/v2/_catalog', [record('registry', 'catalog', '*')]],
      [
        'bob',
        'POST',
        '/v2/demo/app/blobs/uploads/',
        [record('repository', 'demo/app', 'pull'), record('repository', 'demo/app', 'push')],
      ],
    ]
    for (const [as, method, path, detail] of cases) {
      const seen = await lab.request(method, path, { as })
      assert.equal(seen.status, 401, `${method} ${path}`)
      if (as !== '') assert.equal(seen.headers.get('www-authenticate'), denied)
      const message = 'authentication required'
      assert.deepEqual(seen.json(), { errors: [{ code: 'UNAUTHORIZED', message, detail }] })
    }
  })

  it('a name of another shape is 400 and never authorised (B-1)', async () => {
    await using lab = await openRegistryLab()
    for (const name of ['one', 'a/b/c']) {
      const seen = await lab.request('GET', `/v2/${name}/manifests/x`)
      assert.equal(seen.status, 400)
      assert.deepEqual(errorCodes(seen), ['NAME_INVALID'])
      assert.equal((await lab.request('GET', `/v2/${name}/manifests/x`, { as: '' })).status, 401)
    }
    assert.deepEqual(lab.asked, [])
  })

  it('who may push but not pull may not push (B-18)', async () => {
    await using lab = await openRegistryLab()
    lab.grants.push({
      user: 'mallory',
      verbs: ['update'],
      resource: 'imagestreams/layers',
      namespace: 'demo',
    })
    assert.equal((await lab.request('POST', '/v2/demo/app/blobs/uploads/', { as: 'mallory' })).status, 401)
  })

  it('a pull asks the authorizer exactly once', async () => {
    await using lab = await openRegistryLab()
    const image = await pushImage(lab, 'demo/app', 'v1')
    for (const path of ['manifests/v1', `manifests/${image.digest}`, `blobs/${image.config.digest}`]) {
      lab.asked.length = 0
      assert.equal((await lab.request('GET', `/v2/demo/app/${path}`, { as: 'bob' })).status, 200)
      assert.equal(lab.asked.length, 1)
    }
  })

  it('anonymous pulls when that is granted (B-17)', async () => {
    await using lab = await openRegistryLab()
    await pushImage(lab, 'demo/app', 'v1')
    const headers = { authorization: 'Bearer anonymous' }
    const pull = () => lab.request('GET', '/v2/demo/app/manifests/v1', { as: '', headers })
    assert.equal((await pull()).status, 401)
    lab.grants.push({
      user: 'system:anonymous',
      verbs: ['get'],
      resource: 'imagestreams/layers',
      namespace: 'demo',
    })
    assert.equal((await pull()).status, 200)
  })

  it('an authenticator that cannot tell is 503, without a challenge and without its reasons', async () => {
    const authenticate = async () => {
      throw new ApiError(500, 'InternalError', 'etcd at 10.1.2.3 is away')
    }
    await using lab = await openRegistryLab({ deps: { authenticate } })
    const seen = await lab.request('GET', '/v2/demo/app/manifests/x')
    assert.equal(seen.status, 503)
    assert.deepEqual(errorCodes(seen), ['UNAVAILABLE'])
    assert.equal(seen.headers.get('www-authenticate'), null)
    assert.doesNotMatch(seen.text, /10\.1\.2\.3/)
  })
})

describe('token endpoint (B-15)', () => {
  const get = async (path: string, headers: Record<string, string> = {}, method = 'GET') => {
    await using lab = await openRegistryLab()
    return await lab.request(method, path, { as: '', headers })
  }

  it('hands out anonymous without credentials (r326)', async () => {
    const seen = await get('/openshift/token?account=x&scope=repository:demo/app:pull')
    assert.equal(seen.status, 200)
    assert.equal(seen.text, '{"access_token":"anonymous","token":"anonymous"}\n')
    assert.equal(seen.headers.get('docker-distribution-api-version'), 'registry/2.0')
    assert.equal(seen.headers.get('x-registry-supports-signatures'), null)
  })

  it('echoes a good token and refuses a bad one with an empty body', async () => {
    const good = await get('/openshift/token', basic('x:alice-token'))
    assert.deepEqual(good.json(), { access_token: 'alice-token', token: 'alice-token' })
    const refused: Record<string, string>[] = [
      basic('x:nope'),
      basic('x:'),
      { authorization: 'Bearer alice-token' },
    ]
    for (const headers of refused) {
      const bad = await get('/openshift/token', headers)
      assert.equal(bad.status, 401)
      assert.equal(bad.text, '')
      assert.equal(bad.headers.get('www-authenticate'), null)
      assert.equal(bad.headers.get('content-type'), 'application/json')
    }
  })

  it('refuses a scope for a name of another shape, credentials or not (r296)', async () => {
    for (const scope of [
      'repository:img:pull',
      'signature:a/b/c:get',
      'repository:a/b:pull repository:img:push',
    ]) {
      const seen = await get(`/openshift/token?scope=${encodeURIComponent(scope)}`, basic('x:alice-token'))
      assert.equal(seen.status, 401)
      assert.match(
        (seen.json() as { details: string }).details,
        /^repository name ".*" invalid: it must be of the format <project>\/<name>$/,
      )
    }
    assert.equal((await get('/openshift/token?scope=registry:catalog:*')).status, 200)
  })

  it('is 405 to everything but GET, with what is allowed', async () => {
    const seen = await get('/openshift/token', {}, 'POST')
    assert.equal(seen.status, 405)
    assert.equal(seen.headers.get('allow'), 'GET')
  })
})

describe('other paths', () => {
  it('/ and /healthz are empty, uncached and without the registry’s headers (r371)', async () => {
    await using lab = await openRegistryLab()
    for (const path of ['/', '/healthz']) {
      const seen = await lab.request('GET', path, { as: '' })
      assert.equal(seen.status, 200)
      assert.equal(seen.text, '')
      assert.equal(seen.headers.get('cache-control'), 'no-cache')
      assert.equal(seen.headers.get('docker-distribution-api-version'), null)
    }
  })

  it('what is no route is the plain page (r372, r374)', async () => {
    await using lab = await openRegistryLab()
    for (const path of ['/nope', '/extensions/v2/metrics', '/v2/a/../b/manifests/%2e', '/v2/demo/app']) {
      const seen = await lab.request('GET', path, { as: '' })
      assert.equal(seen.status, 404)
      assert.equal(seen.text, '404 page not found\n')
      assert.equal(seen.headers.get('content-type'), 'text/plain; charset=utf-8')
      assert.equal(seen.headers.get('x-content-type-options'), 'nosniff')
      assert.equal(seen.headers.get('docker-distribution-api-version'), 'registry/2.0')
      assert.equal(seen.headers.get('x-registry-supports-signatures'), null)
    }
  })

  it('another method on a route is 405 with Allow (A-12)', async () => {
    await using lab = await openRegistryLab()
    const seen = await lab.request('PATCH', '/v2/demo/app/manifests/x')
    assert.equal(seen.status, 405)
    assert.equal(seen.headers.get('allow'), 'DELETE, GET, HEAD, PUT')
    assert.deepEqual(errorCodes(seen), ['UNSUPPORTED'])
  })

  it('a read-only registry answers reads and 405 to the rest (A-31)', async () => {
    await using lab = await openRegistryLab({ config: { readOnly: true } })
    assert.equal((await lab.request('GET', '/v2/')).status, 200)
    const seen = await lab.request('POST', '/v2/demo/app/blobs/uploads/')
    assert.equal(seen.status, 405)
    assert.deepEqual(errorCodes(seen), ['UNSUPPORTED'])
  })

  it('metrics: with the secret, or the right to them (B-92)', async () => {
    await using lab = await openRegistryLab({ config: { metrics: { enabled: true, secret: 's3cret' } } })
    await lab.request('GET', '/v2/')
    const secret = await lab.request('GET', '/extensions/v2/metrics', {
      as: '',
      headers: { authorization: 'Bearer s3cret' },
    })
    assert.equal(secret.status, 200)
    assert.match(secret.text, /imageregistry_http_requests_total\{code="200",method="get"\} 1/)
    assert.equal((await lab.request('GET', '/extensions/v2/metrics', { as: 'alice' })).status, 401)
    assert.equal((await lab.request('GET', '/extensions/v2/metrics', { as: 'root' })).status, 200)
  })
})
