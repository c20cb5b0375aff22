import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { oauthClients } from '../api/oauth/index.ts'
import {
  asAlice,
  authorizeAddress,
  basic,
  issuer,
  locationOf,
  openOAuthTestServer,
  redirectURI,
} from './oauth-test-server.ts'

describe('/oauth/authorize', () => {
  it('redirects to registered addresses only', async () => {
    const server = openOAuthTestServer()
    const bad = [
      'https://evil.test/',
      `${redirectURI}/`,
      `${redirectURI}?x`,
      `${issuer}.evil.test/oauth/token/implicit`,
      'http://127.0.0.1/callback',
      '//evil.test',
      'javascript:alert(1)',
    ]
    for (const redirect_uri of bad) {
      const answer = await server.get(authorizeAddress({ redirect_uri }), asAlice)
      assert.equal(answer.status, 400, redirect_uri)
      assert.equal(answer.headers.location, undefined)
    }
    const unknown = await server.get(authorizeAddress({ client_id: 'nobody' }), asAlice)
    assert.equal(unknown.status, 400)
  })

  it('lets a native client choose its port on this machine, with PKCE', async () => {
    const server = openOAuthTestServer()
    const native = (redirect_uri: string, more: Record<string, string> = {}) =>
      server.get(authorizeAddress({ client_id: 'openshift-cli-client', redirect_uri, ...more }))
    for (const address of [
      'http://127.0.0.1:45321/callback',
      'http://[::1]:1/callback',
      'http://localhost:8/callback',
    ]) {
      const answer = await native(address)
      assert.equal(answer.status, 302)
      assert.equal(locationOf(answer).pathname, '/login')
    }
    for (const address of [
      'http://127.0.0.1:45321/other',
      'http://127.0.0.1.evil.test:80/callback',
      'http://127.0.0.1:80@evil.test/callback',
      'https://127.0.0.1:45321/callback',
      'http://192.0.2.1:80/callback',
    ]) {
      assert.equal((await native(address)).status, 400, address)
    }
    const here = 'http://127.0.0.1:45321/callback'
    const error = async (more: Record<string, string>) =>
      locationOf(await native(here, more)).searchParams.get('error')
    assert.equal(await error({ code_challenge: '', code_challenge_method: '' }), 'invalid_request')
    assert.equal(await error({ response_type: 'token' }), 'unsupported_response_type')
  })

  const redirected: [parameters: Record<string, string>, error: string][] = [
    [{ response_type: 'id_token' }, 'unsupported_response_type'],
    [{ response_type: '' }, 'unsupported_response_type'],
    [{ scope: 'user:info' }, 'invalid_scope'],
    [{ scope: 'user:full role:admin:*' }, 'invalid_scope'],
    [{ code_challenge_method: 'MD5' }, 'invalid_request'],
    [{ code_challenge: 'short' }, 'invalid_request'],
  ]
  for (const [parameters, error] of redirected) {
    it(`tells the client: ${error} for ${JSON.stringify(parameters)}`, async () => {
      const answer = await openOAuthTestServer().get(authorizeAddress({ state: 's', ...parameters }), asAlice)
      const { searchParams } = locationOf(answer)
      assert.equal(searchParams.get('error'), error)
      assert.equal(searchParams.get('state'), 's')
      assert.equal(searchParams.get('code'), null)
    })
  }

  it('refuses a parameter that comes twice', async () => {
    const answer = await openOAuthTestServer().get(
      `${authorizeAddress()}&redirect_uri=https://evil.test/`,
      asAlice,
    )
    assert.equal(answer.status, 400)
  })

  it('points to the token page where no provider takes passwords', async () => {
    const answer = await openOAuthTestServer([]).get(authorizeAddress(), { 'x-csrf-token': '1' })
    assert.equal(answer.status, 401)
    assert.equal(answer.headers['www-authenticate'], undefined)
    assert.match(answer.body, /\/oauth\/token\/request/)
  })

  it('takes OAuthClient objects, but for such as want a page of consent', async () => {
    const server = openOAuthTestServer()
    const base = { redirectURIs: ['https://web.test/cb'], respondWithChallenges: true }
    await server.client.create(oauthClients, '', { metadata: { name: 'web' }, ...base, grantMethod: 'auto' })
    await server.client.create(oauthClients, '', {
      metadata: { name: 'asks' },
      ...base,
      grantMethod: 'prompt',
    })
    const ask = (name: string) =>
      server.get(authorizeAddress({ client_id: name, redirect_uri: 'https://web.test/cb' }), asAlice)
    assert.equal(locationOf(await ask('web')).host, 'web.test')
    assert.equal((await ask('asks')).status, 400)
  })
})

describe('guessing passwords', () => {
  it('is slowed down for a name from an address, not for others', async () => {
    const server = openOAuthTestServer()
    const attempt = (password: string, remoteAddress: string, user = 'alice') =>
      server.ask('GET', authorizeAddress(), {
        headers: { 'x-csrf-token': '1', authorization: basic(user, password) },
        remoteAddress,
      })
    for (let i = 0; i < 10; i++) assert.equal((await attempt('wrong', '192.0.2.9')).status, 401)
    const limited = await attempt('wonder', '192.0.2.9')
    assert.equal(limited.status, 429)
    assert.equal(limited.headers['retry-after'], '300')
    assert.equal((await attempt('wonder', '192.0.2.8')).status, 302)
    assert.equal((await attempt('builder', '192.0.2.9', 'bob')).status, 302)
    server.pass(300)
    assert.equal((await attempt('wonder', '192.0.2.9')).status, 302)
  })

  it('is slowed down for an address that tries many names', async () => {
    const server = openOAuthTestServer()
    const attempt = (user: string, password: string) =>
      server.get(authorizeAddress(), { 'x-csrf-token': '1', authorization: basic(user, password) })
    for (let i = 0; i < 50; i++) await attempt(`user${i}`, 'wrong')
    assert.equal((await attempt('alice', 'wonder')).status, 429)
  })
})
