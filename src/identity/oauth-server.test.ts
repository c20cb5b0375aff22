import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { oauthAccessTokens } from '../api/oauth/index.ts'
import { identities, users } from '../api/user/index.ts'
import {
  asAlice,
  authorizeAddress,
  basic,
  client_id,
  clientAuth,
  codeOf,
  exchange,
  issuer,
  locationOf,
  login,
  openOAuthTestServer,
} from './oauth-test-server.ts'
import { hashOAuthToken } from './oauth-token.ts'

describe('oc login: the challenge flow (auth.md §3)', () => {
  it('tells its endpoints', async () => {
    const answer = await openOAuthTestServer().get('/.well-known/oauth-authorization-server')
    assert.deepEqual(JSON.parse(answer.body), {
      issuer,
      authorization_endpoint: `${issuer}/oauth/authorize`,
      token_endpoint: `${issuer}/oauth/token`,
      scopes_supported: ['user:full'],
      response_types_supported: ['code', 'token'],
      grant_types_supported: ['authorization_code', 'implicit'],
      code_challenge_methods_supported: ['plain', 'S256'],
    })
  })

  it('challenges who sends X-CSRF-Token, and warns who does not', async () => {
    const server = openOAuthTestServer()
    const challenged = await server.get(authorizeAddress(), { 'x-csrf-token': '1' })
    assert.equal(challenged.status, 401)
    assert.equal(challenged.headers['www-authenticate'], 'Basic realm="openshift"')
    for (const headers of [{}, { authorization: basic('alice', 'wonder') }]) {
      const warned = await server.get(authorizeAddress(), headers as Record<string, string>)
      assert.equal(warned.status, 401)
      assert.equal(warned.headers['www-authenticate'], undefined)
      assert.equal(
        warned.headers.warning,
        '199 Origin "A non-empty X-CSRF-Token header is required to receive basic-auth challenges"',
      )
    }
  })

  it('gives a code for the password, and a token for the code', async () => {
    const server = openOAuthTestServer()
    const code = await codeOf(server)
    assert.match(code, /^sha256~[\w-]{43}$/)
    const answer = await server.post('/oauth/token', exchange(code), clientAuth)
    assert.equal(answer.headers['cache-control'], 'no-store')
    const { access_token: token, ...rest } = JSON.parse(answer.body) as Record<string, unknown>
    assert.deepEqual(rest, { token_type: 'Bearer', expires_in: 86400, scope: 'user:full' })
    assert.match(String(token), /^sha256~[\w-]{43}$/)
    const { uid } = (await server.client.get(users, '', 'alice')).metadata
    assert.deepEqual(await server.tokens.authenticateToken(String(token)), {
      name: 'alice',
      uid,
      groups: ['team', 'system:authenticated:oauth'],
      extra: { 'scopes.authorization.openshift.io': ['user:full'] },
    })
  })

  it('names the client in the form as well', async () => {
    const server = openOAuthTestServer()
    const answer = await server.post('/oauth/token', exchange(await codeOf(server), { client_id }))
    assert.equal(answer.status, 200)
  })

  it('refuses a wrong password with a challenge', async () => {
    const server = openOAuthTestServer()
    for (const [user, password] of [
      ['alice', 'wrong'],
      ['alice', ''],
      ['', 'wonder'],
      ['nobody', 'wonder'],
    ]) {
      const answer = await server.get(authorizeAddress(), {
        'x-csrf-token': '1',
        authorization: basic(user ?? '', password ?? ''),
      })
      assert.equal(answer.status, 401)
      assert.equal(answer.headers['www-authenticate'], 'Basic realm="openshift"')
    }
    assert.equal(server.client.dump(), '[]')
  })

  it('gives an implicit token in the fragment', async () => {
    const server = openOAuthTestServer()
    const parameters = { response_type: 'token', state: 'x y', code_challenge: '', code_challenge_method: '' }
    const answer = await server.get(authorizeAddress(parameters), asAlice)
    const { hash, search } = locationOf(answer)
    assert.equal(search, '')
    const given = Object.fromEntries(new URLSearchParams(hash.slice(1)))
    assert.match(given.access_token ?? '', /^sha256~/)
    assert.deepEqual(
      { ...given, access_token: '' },
      {
        access_token: '',
        expires_in: '86400',
        scope: 'user:full',
        state: 'x y',
        token_type: 'Bearer',
      },
    )
  })

  it('makes user and identity once (U-21)', async () => {
    const server = openOAuthTestServer()
    await login(server)
    await login(server)
    const { items } = await server.client.list(users, '')
    assert.equal(items.length, 1)
    const [user] = items
    assert.deepEqual(user?.identities, ['local:alice'])
    const identity = await server.client.get(identities, '', 'local:alice')
    assert.deepEqual(identity.user, { name: 'alice', uid: user?.metadata.uid })
    assert.equal(identity.providerName, 'local')
    assert.equal(identity.providerUserName, 'alice')
  })

  it('ends a token by time, by logout, and with its user (U-12)', async () => {
    const server = openOAuthTestServer()
    const token = await login(server)
    const isGood = async (text = token) => {
      const found = await server.tokens.authenticateToken(text)
      return found !== undefined && found !== 'bad'
    }
    server.pass(86_399)
    assert.equal(await isGood(), true)
    server.pass(1)
    assert.equal(await isGood(), false)

    const second = await login(server)
    await server.client.delete(oauthAccessTokens, '', hashOAuthToken(second))
    assert.equal(await isGood(second), false)

    const third = await login(server)
    await server.client.delete(users, '', 'alice')
    assert.equal(await isGood(third), false)
    await server.client.create(users, '', { metadata: { name: 'alice' }, groups: null, identities: null })
    assert.equal(await isGood(third), false)
  })

  it('leaves tokens of other kinds to other sources', async () => {
    const { tokens } = openOAuthTestServer()
    assert.equal(await tokens.authenticateToken('alice-token'), undefined)
    assert.equal(await tokens.authenticateToken('sha256~'), undefined)
    assert.equal(await tokens.authenticateToken('sha256~nope'), 'bad')
  })
})
