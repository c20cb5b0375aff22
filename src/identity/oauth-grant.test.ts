import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { oauthAccessTokens, oauthAuthorizeTokens, oauthClients } from '../api/oauth/index.ts'
import {
  basic,
  challenge,
  client_id,
  clientAuth,
  codeOf,
  exchange,
  issuer,
  login,
  openOAuthTestServer,
  verifier,
} from './oauth-test-server.ts'
import { createOAuthToken, hashOAuthToken } from './oauth-token.ts'
import { sweepExpiredTokens } from './sweep-tokens.ts'

describe('threat 13 and 16: codes and tokens', () => {
  it('stores neither in the clear', async () => {
    const server = openOAuthTestServer()
    const code = await codeOf(server)
    assert(!server.client.dump().includes(code.slice(7)))
    const token = await login(server)
    assert(!server.client.dump().includes(token.slice(7)))
    assert(server.client.dump().includes(hashOAuthToken(token)))
    assert.equal((await server.client.list(oauthAccessTokens, '')).items[0]?.scopes?.[0], 'user:full')
  })

  it('takes a code once, even when two come together', async () => {
    const server = openOAuthTestServer()
    const code = await codeOf(server)
    const answers = await Promise.all(
      [1, 2, 3].map(() => server.post('/oauth/token', exchange(code), clientAuth)),
    )
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 400, 400])
    const refused = answers.find(({ status }) => status === 400)
    assert.equal((JSON.parse(refused?.body ?? '') as { error: string }).error, 'invalid_grant')
  })

  it('takes a code for five minutes', async () => {
    const server = openOAuthTestServer()
    const early = await codeOf(server)
    server.pass(299)
    assert.equal((await server.post('/oauth/token', exchange(early), clientAuth)).status, 200)
    const late = await codeOf(server)
    server.pass(300)
    assert.equal((await server.post('/oauth/token', exchange(late), clientAuth)).status, 400)
  })

  const spoiled: [title: string, form: Record<string, string>, headers?: Record<string, string>][] = [
    ['without verifier', { code_verifier: '' }],
    ['with another verifier', { code_verifier: 'w'.repeat(43) }],
    ['with the challenge as verifier', { code_verifier: challenge }],
    ['with another redirect', { redirect_uri: `${issuer}/oauth/token/display` }],
    ['by another client', { client_id: 'openshift-cli-client' }, {}],
  ]
  for (const [title, form, headers = clientAuth] of spoiled) {
    it(`refuses a code ${title}`, async () => {
      const server = openOAuthTestServer()
      const code = await codeOf(server)
      const answer = await server.post('/oauth/token', exchange(code, form), headers)
      assert.equal(answer.status, 400)
      assert.deepEqual((await server.client.list(oauthAccessTokens, '')).items, [])
    })
  }

  it('refuses a verifier for a code without challenge: somebody took the challenge out', async () => {
    const server = openOAuthTestServer()
    const code = await codeOf(server, { code_challenge: '', code_challenge_method: '' })
    assert.equal((await server.post('/oauth/token', exchange(code), clientAuth)).status, 400)
    const plain = await codeOf(server, { code_challenge: verifier, code_challenge_method: 'plain' })
    assert.equal((await server.post('/oauth/token', exchange(plain), clientAuth)).status, 200)
  })

  it('spends a code with the first attempt, good or not', async () => {
    const server = openOAuthTestServer()
    const code = await codeOf(server)
    await server.post('/oauth/token', exchange(code, { code_verifier: 'w'.repeat(43) }), clientAuth)
    assert.equal((await server.post('/oauth/token', exchange(code), clientAuth)).status, 400)
    assert.deepEqual((await server.client.list(oauthAuthorizeTokens, '')).items, [])
  })

  it('does not take a token for a code, nor a code for a token', async () => {
    const server = openOAuthTestServer()
    assert.equal((await server.post('/oauth/token', exchange(await login(server)), clientAuth)).status, 400)
    assert.equal(await server.tokens.authenticateToken(await codeOf(server)), 'bad')
  })

  it('does not widen the scopes of a token', async () => {
    const server = openOAuthTestServer()
    const token = await login(server)
    const stored = await server.client.get(oauthAccessTokens, '', hashOAuthToken(token))
    for (const scopes of [[], ['user:info'], ['role:admin:demo']]) {
      const { resourceVersion: _, ...metadata } = stored.metadata
      await server.client.update(oauthAccessTokens, '', { ...stored, metadata, scopes })
      assert.equal(await server.tokens.authenticateToken(token), 'bad')
    }
  })

  it('does not take the name of a stored token for the token', async () => {
    const server = openOAuthTestServer()
    assert.equal(await server.tokens.authenticateToken(hashOAuthToken(await login(server))), 'bad')
  })

  it('answers an unknown client, a wrong secret and another grant by the book', async () => {
    const server = openOAuthTestServer()
    await server.client.create(oauthClients, '', {
      metadata: { name: 'web' },
      secret: 's3cret',
      redirectURIs: ['https://web.test/cb'],
      grantMethod: 'auto',
    })
    const error = async (form: Record<string, string>, headers: Record<string, string> = {}) => {
      const answer = await server.post('/oauth/token', form, headers)
      return [answer.status, (JSON.parse(answer.body) as { error: string }).error]
    }
    assert.deepEqual(await error({ client_id: 'nobody' }), [401, 'invalid_client'])
    assert.deepEqual(await error({ client_id: 'web' }), [401, 'invalid_client'])
    assert.deepEqual(await error({ client_id: 'web', client_secret: 'wrong' }), [401, 'invalid_client'])
    assert.deepEqual(await error({ client_id, client_secret: 'x' }), [401, 'invalid_client'])
    assert.deepEqual(await error({}, { authorization: 'Bearer x' }), [401, 'invalid_client'])
    assert.deepEqual(await error({}, { authorization: basic('web', 's3cret') }), [
      400,
      'unsupported_grant_type',
    ])
    assert.deepEqual(await error({ client_id, grant_type: 'password' }), [400, 'unsupported_grant_type'])
    assert.deepEqual(await error({ client_id, grant_type: 'authorization_code' }), [400, 'invalid_grant'])
  })
})

describe('sweepExpiredTokens()', () => {
  it('deletes what has run out and nothing else', async () => {
    const server = openOAuthTestServer()
    await codeOf(server)
    const token = await login(server)
    server.pass(300)
    const fresh = await login(server)
    const now = new Date('2026-03-01T12:05:00Z')
    assert.equal(await sweepExpiredTokens(server.client, now), 1)
    assert.deepEqual((await server.client.list(oauthAuthorizeTokens, '')).items, [])
    assert.equal(await sweepExpiredTokens(server.client, new Date('2026-03-02T12:01:00Z')), 1)
    const names = (await server.client.list(oauthAccessTokens, '')).items.map(({ metadata }) => metadata.name)
    assert.deepEqual(names, [hashOAuthToken(fresh)])
    assert(!names.includes(hashOAuthToken(token)))
  })
})

describe('createOAuthToken()', () => {
  it('never begins with a dash after its prefix (U-10)', () => {
    const bytes = [new Uint8Array(32).fill(0xfb), new Uint8Array(32).fill(1)]
    assert.equal(createOAuthToken(() => bytes.shift() ?? new Uint8Array()).slice(0, 8), 'sha256~A')
    assert.equal(bytes.length, 0)
  })
})

describe('hashOAuthToken()', () => {
  it('hashes the text without its prefix (U-11)', () => {
    const hash = createHash('sha256').update('abc').digest('base64url')
    assert.equal(hashOAuthToken('sha256~abc'), `sha256~${hash}`)
  })
})
