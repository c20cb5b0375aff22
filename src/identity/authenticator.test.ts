import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { TokenSource } from './authenticator.ts'
import { createAuthenticator } from './authenticator.ts'
import { parseAuthorization } from './authorization-header.ts'
import { distinctHeaders } from './distinct-headers.ts'
import { parseTokenFile } from './token-file.ts'

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`
const tokens = parseTokenFile('good,alice,1,"system:authenticated:oauth"\n', 'f')
const broken: TokenSource = { authenticateToken: async (token) => (token === 'worn' ? 'bad' : undefined) }
const worn = parseTokenFile('worn,eve,2\n', 'f')
const passwords = {
  authenticatePassword: async (userName: string, password: string) =>
    userName === 'bob' && password === 'pw' ? { name: 'bob', groups: [] } : undefined,
}
const authenticate = createAuthenticator({ tokens: [tokens, broken, worn] })

const alice = {
  subject: { name: 'alice', uid: '1', groups: ['system:authenticated:oauth', 'system:authenticated'] },
}

describe('createAuthenticator()', () => {
  it('takes a bearer token and adds system:authenticated last (r002)', async () => {
    assert.deepEqual(await authenticate({ authorization: 'Bearer good' }), alice)
    assert.deepEqual(await authenticate({ authorization: 'bearer  good ' }), alice)
    assert.deepEqual(await authenticate({ authorization: ['Bearer good'] }), alice)
  })

  it('takes a token as the password of any name, as registry clients send it (U-14)', async () => {
    for (const name of ['alice', 'unused', '<token>', '']) {
      assert.deepEqual(await authenticate({ authorization: basic(`${name}:good`) }), alice)
    }
  })

  it('is nobody only without any credentials (U-4)', async () => {
    assert.equal(await authenticate({}), 'none')
    const bad = [
      'Bearer nope',
      'Bearer',
      'Bearer ',
      'Bearer good extra',
      'good',
      '',
      'Digest good',
      'Negotiate x',
      basic('alice'),
      basic('alice:'),
      basic('alice:nope'),
      'Basic !!!',
      'Basic',
    ]
    for (const authorization of bad) assert.equal(await authenticate({ authorization }), 'bad', authorization)
    assert.equal(await authenticate({ authorization: ['Bearer good', 'Bearer good'] }), 'bad')
  })

  it('asks no further source about a token that its own source refuses', async () => {
    assert.equal(await authenticate({ authorization: 'Bearer worn' }), 'bad')
  })

  it('takes passwords only where there is a source of them', async () => {
    const withPasswords = createAuthenticator({ tokens: [tokens], passwords })
    const bob = { subject: { name: 'bob', groups: ['system:authenticated'] } }
    assert.deepEqual(await withPasswords({ authorization: basic('bob:pw') }), bob)
    assert.equal(await withPasswords({ authorization: basic('bob:no') }), 'bad')
    assert.equal(await withPasswords({ authorization: 'Bearer pw' }), 'bad')
    assert.equal(await authenticate({ authorization: basic('bob:pw') }), 'bad')
  })

  it('takes common name and organisations of a trusted certificate', async () => {
    const peer = (isTrusted: boolean, subject: Record<string, string | string[]>) =>
      authenticate({}, { certificate: { isTrusted, subject } })
    assert.deepEqual(await peer(true, { CN: 'system:admin', O: ['system:masters', 'ops'] }), {
      subject: { name: 'system:admin', groups: ['system:masters', 'ops', 'system:authenticated'] },
    })
    assert.deepEqual(await peer(true, { CN: 'x', O: 'ops' }), {
      subject: { name: 'x', groups: ['ops', 'system:authenticated'] },
    })
    assert.equal(await peer(false, { CN: 'system:admin', O: 'system:masters' }), 'bad')
    assert.equal(await peer(true, { O: 'system:masters' }), 'bad')
    assert.equal(await peer(true, { CN: ['a', 'b'] }), 'bad')
  })
})

describe('distinctHeaders()', () => {
  it('keeps each occurrence apart', () => {
    const headers = distinctHeaders([
      'Authorization',
      'a',
      'Impersonate-Group',
      'x,y',
      'impersonate-group',
      'z',
      'authorization',
      'b',
    ])
    assert.deepEqual({ ...headers }, { authorization: ['a', 'b'], 'impersonate-group': ['x,y', 'z'] })
    assert.deepEqual({ ...distinctHeaders(['__proto__', 'x']) }, JSON.parse('{"__proto__":["x"]}'))
  })
})

describe('parseAuthorization()', () => {
  it('splits name and password at the first colon', () => {
    assert.deepEqual(parseAuthorization(basic('a:b:c')), { kind: 'basic', userName: 'a', password: 'b:c' })
    assert.deepEqual(parseAuthorization(basic('ü:ß')), { kind: 'basic', userName: 'ü', password: 'ß' })
  })
})

describe('for any Authorization header, createAuthenticator()', () => {
  it('answers bad, never nobody, and never throws', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string(),
          fc.string().map((text) => `Bearer ${text}`),
        ),
        async (authorization) => {
          fc.pre(authorization.trim() !== 'Bearer good')
          assert.equal(await authenticate({ authorization }), 'bad')
        },
      ),
    )
  })

  it('takes any token that is known, whatever characters it has', async () => {
    const token = fc.stringMatching(/^[!-~]{1,60}$/).filter((text) => !text.includes('"'))
    await fc.assert(
      fc.asyncProperty(token, async (text) => {
        const source = parseTokenFile(`"${text}",alice,1\n`, 'f')
        const one = createAuthenticator({ tokens: [source] })
        const expected = { subject: { name: 'alice', uid: '1', groups: ['system:authenticated'] } }
        assert.deepEqual(await one({ authorization: `Bearer ${text}` }), expected)
        assert.deepEqual(await one({ authorization: basic(`x:${text}`) }), expected)
        assert.equal(await one({ authorization: `Bearer ${text}x` }), 'bad')
      }),
    )
  })
})
