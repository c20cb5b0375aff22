import assert from 'node:assert/strict'
import { createHmac, generateKeyPairSync } from 'node:crypto'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { createLocalJWKSet, jwtVerify, SignJWT } from 'jose'
import { secrets, serviceAccounts } from '../api/core/index.ts'
import { accountIssuerMetadata } from './account-issuer.ts'
import { signBoundToken, signLegacyToken, verifyAccountToken } from './account-token.ts'
import { requestAccountToken } from './account-token-request.ts'
import { createAccountTokenSource } from './account-token-source.ts'
import { createSigningKeys, generateSigningKey, openSigningKeys } from './signing-keys.ts'
import { createTestClient } from './test-client.ts'
import { reviewToken } from './token-review.ts'

const issuer = 'https://weir.test'
const audiences = [issuer]
const now = new Date('2026-03-01T12:00:00Z')
const later = (seconds: number) => new Date(now.getTime() + seconds * 1000)
const keys = await createSigningKeys([generateSigningKey()])
const account = { name: 'builder', uid: 'u-1' }

const bound = (change: Partial<Parameters<typeof signBoundToken>[2]> = {}, signer = keys, iss = issuer) =>
  signBoundToken(signer, iss, {
    namespace: 'demo',
    serviceAccount: account,
    audiences,
    issuedAt: now,
    expiresAt: later(3600),
    id: 'id-1',
    ...change,
  })
const verify = (token: string, at = now, by = keys) =>
  verifyAccountToken(by, token, { issuer, audiences, now: at })

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const decode = (part: string) =>
  JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>

describe('service account tokens', () => {
  it('come back as they were signed', async () => {
    const secret = { name: 's', uid: 'u-2' }
    assert.deepEqual(await verify(await bound({ secret })), {
      namespace: 'demo',
      serviceAccount: account,
      secret,
      audiences,
      id: 'id-1',
      expiresAt: later(3600),
    })
  })

  it('have the claims of Kubernetes', async () => {
    const [, payload = ''] = (await bound({ secret: { name: 's', uid: 'u-2' } })).split('.')
    assert.deepEqual(decode(payload), {
      aud: [issuer],
      exp: 1772370000,
      iat: 1772366400,
      iss: issuer,
      jti: 'id-1',
      'kubernetes.io': { namespace: 'demo', secret: { name: 's', uid: 'u-2' }, serviceaccount: account },
      nbf: 1772366400,
      sub: 'system:serviceaccount:demo:builder',
    })
  })

  it('are signed by RSA keys as well, and by an older key that is still known', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
    const rsa = await createSigningKeys([pem])
    assert.equal(rsa.current.alg, 'RS256')
    const token = await bound({}, rsa)
    assert.notEqual(await verify(token, now, rsa), undefined)
    assert.equal(await verify(token), undefined)
    const rotated = await createSigningKeys([generateSigningKey(), pem])
    assert.notEqual(await verify(token, now, rotated), undefined)
    assert.equal(rotated.jwks.keys.length, 2)
    assert(rotated.jwks.keys.every((key) => key.d === undefined && key.p === undefined))
  })
})

describe('accountIssuerMetadata()', () => {
  it('lets others verify our tokens by the published keys', async () => {
    const metadata = accountIssuerMetadata(issuer, `${issuer}/openid/v1/jwks`, keys)
    assert.deepEqual(metadata.id_token_signing_alg_values_supported, ['ES256'])
    const { payload } = await jwtVerify(await bound(), createLocalJWKSet(keys.jwks), {
      issuer: metadata.issuer,
      audience: issuer,
      currentDate: now,
    })
    assert.equal(payload.sub, 'system:serviceaccount:demo:builder')
  })
})

describe('threat 13: tokens', () => {
  it('refuses a token of which any character was changed', async () => {
    const token = await bound()
    // The last character carries bits that count for nothing.
    for (let index = 0; index < token.length - 1; index += 7) {
      const other = token[index] === 'A' ? 'B' : 'A'
      const changed = `${token.slice(0, index)}${other}${token.slice(index + 1)}`
      if (changed !== token) assert.equal(await verify(changed), undefined, `at ${index}`)
    }
  })

  it('refuses the algorithm none', async () => {
    const [header = '', payload = ''] = (await bound()).split('.')
    for (const alg of ['none', 'None', 'NONE']) {
      const forged = encode({ ...decode(header), alg })
      assert.equal(await verify(`${forged}.${payload}.`), undefined)
    }
  })

  it('refuses HS256 with the public key as the secret', async () => {
    const [header = '', payload = ''] = (await bound()).split('.')
    const forged = `${encode({ ...decode(header), alg: 'HS256' })}.${payload}`
    const key = [...keys.verifying.values()][0]?.publicKey.export({ type: 'spki', format: 'pem' }) as string
    const signature = createHmac('sha256', key).update(forged).digest('base64url')
    assert.equal(await verify(`${forged}.${signature}`), undefined)
  })

  it('refuses keys that the header brings or points to', async () => {
    const other = await createSigningKeys([generateSigningKey()])
    const sign = (header: Record<string, unknown>) =>
      new SignJWT({ 'kubernetes.io': { namespace: 'demo', serviceaccount: account } })
        .setProtectedHeader({ alg: 'ES256', ...header })
        .setIssuer(issuer)
        .setAudience(issuer)
        .setSubject('system:serviceaccount:demo:builder')
        .setIssuedAt(now)
        .setExpirationTime(later(60))
        .sign(other.current.privateKey)
    const [jwk] = other.jwks.keys
    const { kid } = keys.current
    const headers: Record<string, unknown>[] = [
      {},
      { kid },
      { kid, jwk },
      { jwk },
      { kid: '../../../../dev/null' },
      { kid: 'https://evil.test/jwks' },
      { kid: "' or 1=1" },
      { kid: '__proto__' },
      { kid, jku: 'https://evil.test/jwks' },
      { kid, x5u: 'https://evil.test/cert' },
    ]
    for (const header of headers) assert.equal(await verify(await sign(header)), undefined)
  })

  it('refuses another issuer, another audience, a time that is over or has not come', async () => {
    assert.equal(await verify(await bound({}, keys, 'https://other.test')), undefined)
    assert.equal(await verify(await bound({ audiences: ['https://other.test'] })), undefined)
    assert.equal(await verify(await bound({ audiences: [] })), undefined)
    assert.equal(await verify(await bound(), later(3700)), undefined)
    assert.equal(await verify(await bound(), later(-60)), undefined)
    assert.notEqual(await verify(await bound({ audiences: ['vault', issuer] })), undefined)
  })

  it('refuses a subject that is not the account of the claims', async () => {
    const token = await new SignJWT({ 'kubernetes.io': { namespace: 'demo', serviceaccount: account } })
      .setProtectedHeader({ alg: 'ES256', kid: keys.current.kid })
      .setIssuer(issuer)
      .setAudience(issuer)
      .setSubject('system:serviceaccount:kube-system:root')
      .setExpirationTime(later(60))
      .sign(keys.current.privateKey)
    assert.equal(await verify(token), undefined)
  })

  it('refuses a bound token without an end', async () => {
    const token = await new SignJWT({ 'kubernetes.io': { namespace: 'demo', serviceaccount: account } })
      .setProtectedHeader({ alg: 'ES256', kid: keys.current.kid })
      .setIssuer(issuer)
      .setAudience(issuer)
      .setSubject('system:serviceaccount:demo:builder')
      .sign(keys.current.privateKey)
    assert.equal(await verify(token), undefined)
  })

  it('refuses what is no token', async () => {
    for (const text of ['', '.', '..', 'a.b.c', 'null.null.null', `${encode({})}.${encode({})}.`]) {
      assert.equal(await verify(text), undefined)
    }
  })
})

async function withAccount() {
  const client = createTestClient(() => now)
  const made = await client.create(serviceAccounts, 'demo', {
    metadata: { name: 'builder', namespace: 'demo' },
  })
  let time = now
  const deps = { client, keys, issuer, audiences, now: () => time, newId: () => 'id-1' }
  const source = createAccountTokenSource(deps)
  const ref = { name: 'builder', uid: made.metadata.uid ?? '' }
  return { client, deps, source, ref, setTime: (date: Date) => (time = date) }
}

describe('createAccountTokenSource()', () => {
  it('gives the account with its groups (auth.md §1)', async () => {
    const { source, ref } = await withAccount()
    assert.deepEqual(await source.authenticateToken(await bound({ serviceAccount: ref })), {
      name: 'system:serviceaccount:demo:builder',
      uid: ref.uid,
      groups: ['system:serviceaccounts', 'system:serviceaccounts:demo'],
      extra: { 'authentication.kubernetes.io/credential-id': ['JTI=id-1'] },
    })
  })

  it('leaves tokens of others to their sources', async () => {
    const { source } = await withAccount()
    assert.equal(await source.authenticateToken('alice-token'), undefined)
    assert.equal(await source.authenticateToken(await bound({}, keys, 'https://other.test')), undefined)
  })

  it('refuses a token that it has taken before once its time is over', async () => {
    const { source, ref, setTime } = await withAccount()
    const token = await bound({ serviceAccount: ref })
    for (let i = 0; i < 2; i++) assert.notEqual(await source.authenticateToken(token), 'bad')
    assert.equal(await source.authenticateToken(token, ['vault']), 'bad')
    setTime(later(3611))
    assert.equal(await source.authenticateToken(token), 'bad')
  })

  it('refuses when the account is gone or made anew', async () => {
    const { client, source, ref } = await withAccount()
    const token = await bound({ serviceAccount: ref })
    await client.delete(serviceAccounts, 'demo', 'builder')
    assert.equal(await source.authenticateToken(token), 'bad')
    await client.create(serviceAccounts, 'demo', { metadata: { name: 'builder' } })
    assert.equal(await source.authenticateToken(token), 'bad')
  })

  it('refuses when the secret that it is bound to is gone', async () => {
    const { client, source, ref } = await withAccount()
    const made = await client.create(secrets, 'demo', { metadata: { name: 's' } })
    const token = await bound({ serviceAccount: ref, secret: { name: 's', uid: made.metadata.uid ?? '' } })
    assert.notEqual(await source.authenticateToken(token), 'bad')
    await client.delete(secrets, 'demo', 's')
    assert.equal(await source.authenticateToken(token), 'bad')
  })

  it('takes a legacy token while its secret holds it (U-13)', async () => {
    const { client, source, ref } = await withAccount()
    const token = await signLegacyToken(keys, { namespace: 'demo', serviceAccount: ref, secretName: 't' })
    assert.equal(await source.authenticateToken(token), 'bad')
    const data = { token: Buffer.from(token).toString('base64') }
    const made = await client.create(secrets, 'demo', {
      metadata: { name: 't', annotations: { 'kubernetes.io/service-account.name': 'builder' } },
      type: 'kubernetes.io/service-account-token',
      data,
    })
    const subject = await source.authenticateToken(token)
    assert(subject !== 'bad' && subject?.name === 'system:serviceaccount:demo:builder')
    await client.update(secrets, 'demo', { ...made, data: { token: 'b3RoZXI=' } })
    assert.equal(await source.authenticateToken(token), 'bad')
  })
})

describe('requestAccountToken()', () => {
  const body = (spec = {}) => ({
    metadata: {},
    spec: { boundObjectRef: null, expirationSeconds: null, ...spec },
    status: {},
  })

  it('gives a token for an hour to our audience', async () => {
    const { deps, source, ref } = await withAccount()
    const answer = await requestAccountToken(body(), 'demo', 'builder', deps)
    assert.deepEqual(answer.spec, { audiences, expirationSeconds: 3600, boundObjectRef: null })
    assert.equal(answer.status.expirationTimestamp, '2026-03-01T13:00:00Z')
    assert.deepEqual(answer.metadata, {
      name: 'builder',
      namespace: 'demo',
      uid: ref.uid,
      creationTimestamp: '2026-03-01T12:00:00Z',
    })
    const subject = await source.authenticateToken(answer.status.token ?? '')
    assert(subject !== 'bad' && subject?.uid === ref.uid)
  })

  it('refuses too short, too long, strange objects and what is not there', async () => {
    const { deps } = await withAccount()
    const message = (spec: object, name = 'builder') =>
      requestAccountToken(body(spec), 'demo', name, deps).then(
        () => 'no error',
        (error: Error) => error.message,
      )
    assert.match(await message({ expirationSeconds: 599 }), /may not specify a duration less than 10 minutes/)
    assert.match(await message({ expirationSeconds: 2 ** 32 + 1 }), /larger than 2\^32 seconds/)
    assert.match(
      await message({ boundObjectRef: { apiVersion: 'v1', kind: 'Node', name: 'n' } }),
      /cannot bind token/,
    )
    assert.match(
      await message({ boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: 'p' } }),
      /pods "p" not found/,
    )
    assert.match(await message({}, 'nobody'), /serviceaccounts "nobody" not found/)
  })

  it('gives a token that others may check and we do not take (threat 13: wrong audience)', async () => {
    const { deps, source } = await withAccount()
    const answer = await requestAccountToken(body({ audiences: ['vault'] }), 'demo', 'builder', deps)
    const token = answer.status.token ?? ''
    assert.equal(await source.authenticateToken(token), 'bad')
    const review = (asked: string[]) =>
      reviewToken(
        { metadata: {}, spec: { token, audiences: asked }, status: { user: {} } },
        { tokens: [source], audiences },
      )
    assert.deepEqual((await review([])).status, { error: 'invalid bearer token', user: {} })
    const { status } = await review(['vault', 'other'])
    assert.equal(status.authenticated, true)
    assert.deepEqual(status.audiences, ['vault'])
    assert.deepEqual(status.user.groups, [
      'system:serviceaccounts',
      'system:serviceaccounts:demo',
      'system:authenticated',
    ])
  })
})

describe('openSigningKeys()', () => {
  it('makes a key once, readable by its owner only', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'weir-keys-'))
    t.after(() => rm(folder, { recursive: true }))
    const first = await openSigningKeys(join(folder, 'new'))
    const path = join(folder, 'new', 'service-account.key')
    assert.equal((await stat(path)).mode & 0o777, 0o600)
    const second = await openSigningKeys(join(folder, 'new'))
    assert.equal(second.current.kid, first.current.kid)
    await writeFile(join(folder, 'new', 'service-account.old.key'), await readFile(path))
    await writeFile(path, generateSigningKey())
    const third = await openSigningKeys(join(folder, 'new'))
    assert.notEqual(third.current.kid, first.current.kid)
    assert(third.verifying.has(first.current.kid))
  })

  it('says so when the file is no such key', async () => {
    await assert.rejects(createSigningKeys(['nonsense']))
    const { privateKey } = generateKeyPairSync('ed25519')
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
    await assert.rejects(createSigningKeys([pem]), /must be RSA or EC P-256/)
    await assert.rejects(createSigningKeys([]), /no signing key/)
  })
})
