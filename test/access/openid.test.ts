import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { SignJWT } from 'jose'
import { identities, users } from '../../src/api/index.ts'
import { type Lab, openLab } from '../lab/open-lab.ts'
import { createTestAuthority } from './certificates.ts'

/** A provider of OpenID Connect with one user, whom everybody who comes is; over TLS of an authority of its own. */
interface Provider extends AsyncDisposable {
  issuer: string
  /** PEM. */
  ca: string
  /** What its token endpoint was sent. */
  asked: { authorization: string; form: URLSearchParams }[]
  /** What the browser was sent off with; becomes part of the id_token. */
  begun(query: URLSearchParams): void
}

async function openProvider(now: () => Date): Promise<Provider> {
  const authority = await createTestAuthority('provider authority')
  const { cert, key } = await authority.issue('CN=provider', { address: '127.0.0.1' })
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const asked: Provider['asked'] = []
  let nonce = ''
  let issuer = ''
  const idToken = () =>
    new SignJWT({ sub: 'id-7', email: 'olga@x.test', preferred_username: 'olga', nonce })
      .setProtectedHeader({ alg: 'ES256', kid: 'k' })
      .setIssuer(issuer)
      .setAudience('weir')
      .setIssuedAt(now())
      .setExpirationTime(new Date(now().getTime() + 60_000))
      .sign(privateKey)
  const jwk = createPublicKey(publicKey.export({ type: 'spki', format: 'pem' })).export({ format: 'jwk' })
  const server = createServer({ cert, key }, async (request, response) => {
    const body = await text(request)
    const send = (value: unknown) =>
      response.setHeader('content-type', 'application/json').end(JSON.stringify(value))
    if (request.url === '/.well-known/openid-configuration') {
      send({
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/keys`,
      })
    } else if (request.url === '/keys') send({ keys: [{ ...jwk, kid: 'k', alg: 'ES256', use: 'sig' }] })
    else if (request.url === '/token') {
      asked.push({ authorization: request.headers.authorization ?? '', form: new URLSearchParams(body) })
      send({ access_token: 'unused', token_type: 'Bearer', id_token: await idToken() })
    } else response.writeHead(404).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  issuer = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    issuer,
    ca: authority.cert,
    asked,
    begun(query) {
      nonce = query.get('nonce') ?? ''
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** Follows our own redirects as a browser does, cookies included, until one leads elsewhere or a page comes. */
async function browse(lab: Lab, path: string, jar: Map<string, string>) {
  for (let hop = 0; hop < 10; hop++) {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await lab.call('GET', path, { as: '', headers: cookie === '' ? {} : { cookie } })
    for (const line of [answer.headers['set-cookie'] ?? []].flat()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      jar.set(name, value)
    }
    if (answer.status !== 302) return answer
    const next = new URL(String(answer.headers.location), 'https://127.0.0.1:8443')
    if (next.host !== '127.0.0.1:8443') return answer
    path = `${next.pathname}${next.search}`
  }
  return assert.fail(`${path} redirects for ever`)
}

const start = '/oauth/token/request'

describe('users of an OpenID Connect provider', () => {
  it('log in with a browser by the config key alone, and become User and Identity', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'weir-sso-'))
    try {
      let now = () => new Date()
      await using provider = await openProvider(() => now())
      await writeFile(join(dir, 'secret'), 's3cret of weir\n')
      await writeFile(join(dir, 'ca.pem'), provider.ca)
      await using lab = await openLab({
        config: `
identity:
  providers:
    - name: sso
      openID:
        issuer: ${provider.issuer}
        clientID: weir
        clientSecretFile: ${dir}/secret
        ca: ${dir}/ca.pem
        extraScopes: [email]
        preferredUsername: [preferred_username]
`,
      })
      now = lab.clock.now
      const jar = new Map<string, string>()
      const choice = await browse(lab, start, jar)
      const [, door = ''] = /href="([^"]*\/login\/sso[^"]*)"/.exec(choice.text) ?? [
        undefined,
        `/login/sso?next=${start}`,
      ]

      const sent = await browse(lab, door.replaceAll('&amp;', '&'), jar)
      const away = new URL(String(sent.headers.location))
      assert.equal(`${away.origin}${away.pathname}`, `${provider.issuer}/authorize`)
      assert.equal(away.searchParams.get('redirect_uri'), 'https://127.0.0.1:8443/oauth2callback/sso')
      assert.equal(away.searchParams.get('scope'), 'openid email')
      provider.begun(away.searchParams)
      const back = new URLSearchParams({ code: 'once', state: away.searchParams.get('state') ?? '' })
      const page = await browse(lab, `/oauth2callback/sso?${back}`, jar)
      assert.equal(page.status, 200, page.text)
      assert.equal(provider.asked[0]?.authorization, `Basic ${btoa('weir:s3cret+of+weir')}`)

      assert.deepEqual((await lab.client.get(users, '', 'olga')).identities, ['sso:id-7'])
      const identity = await lab.client.get(identities, '', 'sso:id-7')
      assert.deepEqual([identity.providerName, identity.extra?.email], ['sso', 'olga@x.test'])
      assert(!lab.logged().join('').includes('s3cret'))
    } finally {
      await rm(dir, { recursive: true })
    }
  })

  it('cannot log in when the provider is not the one that the CA vouches for; nothing is told of it', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'weir-sso-'))
    try {
      await using provider = await openProvider(() => new Date())
      await writeFile(join(dir, 'secret'), 's3cret')
      await writeFile(join(dir, 'ca.pem'), (await createTestAuthority('another')).cert)
      const openID = `{issuer: '${provider.issuer}', clientID: weir, clientSecretFile: ${dir}/secret, ca: ${dir}/ca.pem}`
      await using lab = await openLab({ config: `identity: {providers: [{name: sso, openID: ${openID}}]}` })
      const answer = await browse(lab, `/login/sso?next=${start}`, new Map())
      assert(answer.status >= 400, `${answer.status}`)
      assert.equal(provider.asked.length, 0)
      assert(lab.logged().some((line) => line.includes('login failed')))
      assert(![answer.text, ...lab.logged()].join('').includes('s3cret'))
    } finally {
      await rm(dir, { recursive: true })
    }
  })
})
