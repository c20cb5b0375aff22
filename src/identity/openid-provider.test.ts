import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { SignJWT } from 'jose'
import { users } from '../api/user/index.ts'
import { ProviderError } from './identity-provider.ts'
import { cookiesOf, issuer, locationOf, openOAuthTestServer } from './oauth-test-server.ts'
import { createOpenIdProvider } from './openid-provider.ts'
import { createSigningKeys, generateSigningKey } from './signing-keys.ts'

const now = new Date('2026-03-01T12:00:00Z')
const keys = await createSigningKeys([generateSigningKey()])
const strangeKeys = await createSigningKeys([generateSigningKey()])

/** What the provider says; a test changes it. */
interface Says {
  issuer: string
  discovery: Record<string, unknown>
  claims: Record<string, unknown>
  signer: typeof keys
  status: number
  body: string | undefined
}

let server: Server
let address: string
let says: Says
let asked: { authorization: string; form: URLSearchParams }[]

async function readBody(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return text
}

async function idToken(): Promise<string> {
  return new SignJWT({
    sub: 'sub-1',
    preferred_username: 'olga',
    name: 'Olga',
    email: 'o@x.test',
    ...says.claims,
  })
    .setProtectedHeader({ alg: 'ES256', kid: keys.current.kid })
    .sign(says.signer.current.privateKey)
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const send = (body: unknown) => {
    response.writeHead(says.status, { 'content-type': 'application/json' })
    response.end(says.body ?? JSON.stringify(body))
  }
  const text = await readBody(request)
  if (request.url === '/.well-known/openid-configuration') {
    send({
      issuer: says.issuer,
      authorization_endpoint: `${address}/authorize`,
      token_endpoint: `${address}/token`,
      jwks_uri: `${address}/keys`,
      ...says.discovery,
    })
  } else if (request.url === '/keys') send(keys.jwks)
  else if (request.url === '/token') {
    asked.push({ authorization: request.headers.authorization ?? '', form: new URLSearchParams(text) })
    send({ id_token: await idToken() })
  } else if (request.url === '/elsewhere') {
    response.writeHead(302, { location: `${address}/keys` })
    response.end()
  } else send({})
}

before(async () => {
  server = createServer((request, response) => void answer(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
after(() => server.close())

const seconds = Math.floor(now.getTime() / 1000)

function open(change: Partial<Says> = {}) {
  asked = []
  says = {
    issuer: address,
    discovery: {},
    claims: {},
    signer: keys,
    status: 200,
    body: undefined,
    ...change,
  }
  return createOpenIdProvider(
    {
      name: 'sso',
      issuer: address,
      clientId: 'weir id',
      clientSecret: 's:cret',
      extraScopes: ['email'],
      userNameClaims: ['preferred_username', 'email'],
    },
    { fetch, now: () => now },
  )
}

const login = { state: 's', nonce: 'n', verifier: 'v', callback: `${issuer}/oauth2callback/sso` }
const good = () => ({ iss: address, aud: 'weir id', nonce: 'n', iat: seconds, exp: seconds + 60 })

describe('createOpenIdProvider()', () => {
  it('sends the browser off with state, nonce and challenge', async () => {
    const url = new URL(await open().begin(login))
    assert.equal(`${url.origin}${url.pathname}`, `${address}/authorize`)
    assert.deepEqual(Object.fromEntries(url.searchParams), {
      client_id: 'weir id',
      redirect_uri: `${issuer}/oauth2callback/sso`,
      response_type: 'code',
      scope: 'openid email',
      state: 's',
      nonce: 'n',
      code_challenge: createHash('sha256').update('v').digest('base64url'),
      code_challenge_method: 'S256',
    })
  })

  it('takes the user from the id_token', async () => {
    const provider = open({ claims: good() })
    assert.deepEqual(await provider.complete('code', login), {
      providerUserName: 'sub-1',
      preferredUserName: 'olga',
      fullName: 'Olga',
      extra: { email: 'o@x.test' },
    })
    const [request] = asked
    assert.equal(request?.authorization, `Basic ${Buffer.from('weir+id:s%3Acret').toString('base64')}`)
    assert.deepEqual(Object.fromEntries(request?.form ?? []), {
      grant_type: 'authorization_code',
      code: 'code',
      redirect_uri: `${issuer}/oauth2callback/sso`,
      code_verifier: 'v',
    })
  })

  it('takes the first claim for a name that is there', async () => {
    const provider = open({ claims: { ...good(), preferred_username: undefined } })
    assert.equal((await provider.complete('code', login)).preferredUserName, 'o@x.test')
  })

  const spoiled: [title: string, change: () => Partial<Says>][] = [
    ['of another issuer', () => ({ claims: { ...good(), iss: 'https://evil.test' } })],
    ['for another client', () => ({ claims: { ...good(), aud: 'other' } })],
    [
      'for several clients without saying who asked',
      () => ({ claims: { ...good(), aud: ['weir id', 'other'] } }),
    ],
    ['of another login', () => ({ claims: { ...good(), nonce: 'm' } })],
    ['without nonce', () => ({ claims: { ...good(), nonce: undefined } })],
    ['that is too old', () => ({ claims: { ...good(), exp: seconds - 60 } })],
    ['without end', () => ({ claims: { ...good(), exp: undefined } })],
    ['signed by a stranger', () => ({ claims: good(), signer: strangeKeys })],
    ['without a name', () => ({ claims: { ...good(), preferred_username: 7, email: '' } })],
  ]
  for (const [title, change] of spoiled) {
    it(`refuses an id_token ${title}`, async () => {
      const provider = open(change())
      await assert.rejects(provider.complete('code', login), ProviderError)
    })
  }

  const failing: [title: string, change: () => Partial<Says>][] = [
    ['names another issuer', () => ({ issuer: 'https://evil.test' })],
    ['lacks an endpoint', () => ({ discovery: { token_endpoint: undefined } })],
    ['answers with an error', () => ({ status: 500 })],
    ['answers with no JSON', () => ({ body: '<html>' })],
    ['answers without end', () => ({ body: 'x'.repeat((1 << 20) + 1) })],
    [
      'redirects the request that carries our secret',
      () => ({ discovery: { token_endpoint: `${address}/elsewhere` } }),
    ],
    ['cannot be reached', () => ({ discovery: { token_endpoint: 'http://127.0.0.1:1/token' } })],
  ]
  for (const [title, change] of failing) {
    it(`fails when the provider ${title}`, async () => {
      const provider = open({ claims: good(), ...change() })
      await assert.rejects(provider.complete('code', login), (error) => {
        assert(error instanceof ProviderError)
        assert(!error.message.includes('cret'))
        return true
      })
    })
  }
})

describe('login at an OpenID provider', () => {
  const begin = async () => {
    const lab = openOAuthTestServer([open()])
    const begun = await lab.get('/login/sso?next=/oauth/token/request')
    const sent = locationOf(begun).searchParams
    says.claims = { ...good(), nonce: sent.get('nonce') }
    return { lab, cookie: cookiesOf(begun), state: sent.get('state') ?? '' }
  }

  it('ends in a session of a user made on the way', async () => {
    const { lab, cookie, state } = await begin()
    const done = await lab.get(`/oauth2callback/sso?code=c&state=${state}`, { cookie })
    assert.equal(done.status, 302)
    assert.equal(done.headers.location, '/oauth/token/request')
    assert.match(cookiesOf(done), /weir-session=\S+/)
    assert.deepEqual((await lab.client.get(users, '', 'olga')).identities, ['sso:sub-1'])
  })

  it('counts only in the browser that began it, and for its state', async () => {
    const { lab, cookie, state } = await begin()
    assert.equal((await lab.get(`/oauth2callback/sso?code=c&state=${state}`)).status, 400)
    assert.equal((await lab.get('/oauth2callback/sso?code=c&state=other', { cookie })).status, 400)
    assert.equal(
      (await lab.get(`/oauth2callback/sso?error=access_denied&state=${state}`, { cookie })).status,
      400,
    )
    lab.pass(300)
    assert.equal((await lab.get(`/oauth2callback/sso?code=c&state=${state}`, { cookie })).status, 400)
    assert.deepEqual((await lab.client.list(users, '')).items, [])
  })

  it('tells the user nothing of the provider’s trouble', async () => {
    const { lab, cookie, state } = await begin()
    says.status = 500
    const failed = await lab.get(`/oauth2callback/sso?code=c&state=${state}`, { cookie })
    assert.equal(failed.status, 401)
    assert(!failed.body.includes('500'))
  })
})
