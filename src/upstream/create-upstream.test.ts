import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { buffer } from 'node:stream/consumers'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { hash } from 'bcryptjs'
import { createUpstream } from './create-upstream.ts'
import type { Keyring } from './credentials.ts'
import { createKeyring } from './credentials.ts'
import type { UpstreamErrorKind } from './errors.ts'
import { isUpstreamError } from './errors.ts'
import type { TestCertificates } from './testing/certificates.ts'
import { makeCertificates } from './testing/certificates.ts'
import type { TestRegistry } from './testing/docker-registry.ts'
import { registryMissing, startRegistry } from './testing/docker-registry.ts'
import { makeImage, makeIndex, pushImage, pushManifest } from './testing/images.ts'
import type { Upstream } from './upstream.ts'

const image = makeImage('one')
const arm = makeImage('one', { architecture: 'arm64' })
const index = makeIndex([image, arm])
const absent = makeImage('absent')

const rejectsWith = (kind: UpstreamErrorKind, message: RegExp) => (error: unknown) => {
  assert.ok(isUpstreamError(error), String(error))
  assert.equal(error.kind, kind, error.message)
  assert.match(error.message, message)
  return true
}

function login(host: string, username: string, password: string): Keyring {
  const auths = { [host]: { username, password } }
  const data = { '.dockerconfigjson': Buffer.from(JSON.stringify({ auths })).toString('base64') }
  return createKeyring([{ name: 'pull', type: 'kubernetes.io/dockerconfigjson', data }])
}

describe('upstream against docker-registry over http', { skip: registryMissing ?? false }, () => {
  let registry: TestRegistry
  let upstream: Upstream
  const insecure = { insecure: true }
  const repository = () => ({ registry: registry.host, name: 'team/app' })

  before(async () => {
    registry = await startRegistry()
    upstream = createUpstream()
    const target = { url: `http://${registry.host}`, repository: 'team/app' }
    await pushImage(target, 'v1', image)
    await pushImage(target, 'arm', arm)
    await pushManifest(target, 'multi', index)
    for (let n = 0; n < 12; n++) await pushManifest(target, `n${n}`, image)
  })
  after(async () => {
    await upstream[Symbol.asyncDispose]()
    await registry[Symbol.asyncDispose]()
  })

  it('falls back to http where insecure is allowed, and says so', async () => {
    assert.equal((await upstream.ping(registry.host, insecure)).href, `http://${registry.host}/`)
  })

  it('refuses http otherwise, in the words of import.md §3.5', async () => {
    const text = `Get "https://${registry.host}/v2/": http: server gave HTTP response to HTTPS client`
    await assert.rejects(upstream.ping(registry.host), rejectsWith('plain-http', new RegExp(`^${text}$`)))
  })

  it('gets manifests by tag and by digest, byte for byte', async () => {
    for (const reference of ['v1', image.digest]) {
      const found = await upstream.manifest(repository(), reference, insecure)
      assert.ok(found.kind === 'manifest')
      assert.deepEqual(found.bytes, image.bytes)
      assert.equal(found.digest, image.digest)
      assert.equal(found.mediaType, image.mediaType)
    }
    const list = await upstream.manifest(repository(), 'multi', insecure)
    assert.ok(list.kind === 'manifest' && list.mediaType === index.mediaType)
  })

  it('asks HEAD first when it has something to compare, and stops when it is still that', async () => {
    const same = await upstream.manifest(repository(), 'v1', { ...insecure, ifNot: image.digest })
    assert.equal(same.kind, 'unchanged')
    const other = await upstream.manifest(repository(), 'arm', { ...insecure, ifNot: image.digest })
    assert.ok(other.kind === 'manifest' && other.digest === arm.digest)
  })

  it('HEAD tells digest, type and size', async () => {
    const stat = await upstream.headManifest(repository(), 'v1', insecure)
    assert.deepEqual(stat, {
      digest: image.digest,
      mediaType: image.mediaType,
      size: image.bytes.length,
      secret: undefined,
    })
  })

  it('streams blobs, whole and in part', async () => {
    const layer = image.layers[1]
    assert.ok(layer !== undefined)
    const whole = await upstream.blob(repository(), layer.digest, insecure)
    assert.equal(whole.size, layer.bytes.length)
    assert.deepEqual(await buffer(whole.stream), layer.bytes)
    const part = await upstream.blob(repository(), layer.digest, {
      ...insecure,
      range: { start: 5, end: 24 },
    })
    assert.deepEqual(part.range, { start: 5, end: 24 })
    assert.equal(part.size, layer.bytes.length)
    assert.deepEqual(await buffer(part.stream), layer.bytes.subarray(5, 25))
    const stat = await upstream.headBlob(repository(), layer.digest, insecure)
    assert.equal(stat.size, layer.bytes.length)
    assert.deepEqual(await upstream.readBlob(repository(), image.config.digest, insecure), image.config.bytes)
  })

  it('an abandoned blob frees its place', async () => {
    const few = createUpstream({ limits: { streams: 1 } })
    const layer = image.layers[0]
    assert.ok(layer !== undefined)
    const first = await few.blob(repository(), layer.digest, insecure)
    first.stream.destroy()
    const second = await few.blob(repository(), layer.digest, insecure)
    assert.deepEqual(await buffer(second.stream), layer.bytes)
    await few[Symbol.asyncDispose]()
  })

  it('lists tags', async () => {
    const tags = await upstream.tags(repository(), insecure)
    assert.equal(tags.length, 15)
    assert.ok(tags.includes('multi'))
  })

  it('tells a missing tag, repository and blob apart from other failures', async () => {
    await assert.rejects(
      upstream.manifest(repository(), 'gone', insecure),
      rejectsWith('not-found', /^manifest unknown/),
    )
    const nowhere = { registry: registry.host, name: 'no/where' }
    await assert.rejects(
      upstream.manifest(nowhere, 'v1', insecure),
      rejectsWith('not-found', /^manifest unknown/),
    )
    const unknownName = /^name unknown: repository name not known to registry$/
    await assert.rejects(upstream.tags(nowhere, insecure), rejectsWith('name-unknown', unknownName))
    await assert.rejects(
      upstream.blob(repository(), absent.config.digest, insecure),
      rejectsWith('not-found', /^blob unknown/),
    )
    await assert.rejects(
      upstream.headBlob(repository(), absent.config.digest, insecure),
      rejectsWith('not-found', /./),
    )
  })

  it('a cancelled call rejects with its own reason', async () => {
    const reason = new Error('enough')
    const call = upstream.manifest(repository(), 'v1', { ...insecure, signal: AbortSignal.abort(reason) })
    await assert.rejects(call, reason)
  })

  it('refused connections and unknown hosts are told in the usual words', async () => {
    const text = /^Get "http:\/\/127\.0\.0\.1:1\/v2\/": dial tcp 127\.0\.0\.1:1: connect: connection refused$/
    await assert.rejects(upstream.ping('127.0.0.1:1', insecure), rejectsWith('network', text))
    const lookup = /^Get "https:\/\/no-such-host\.invalid\/v2\/": dial tcp: lookup no-such-host\.invalid: /
    await assert.rejects(upstream.ping('no-such-host.invalid'), rejectsWith('network', lookup))
  })
})

describe('upstream against docker-registry with TLS and passwords', {
  skip: registryMissing ?? false,
}, () => {
  let certificates: TestCertificates
  let registry: TestRegistry
  let ca: string
  const repository = () => ({ registry: registry.host, name: 'private/app' })

  before(async () => {
    certificates = await makeCertificates()
    ca = certificates.ca
    registry = await startRegistry({
      tls: certificates,
      htpasswd: `puller:${await hash('s3cret-canary', 4)}\n`,
    })
    const { stderr } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '-e', pushScript(registry.host)],
      {
        env: { ...process.env, NODE_EXTRA_CA_CERTS: certificates.caFile },
      },
    )
    assert.equal(stderr, '')
  })
  after(async () => {
    await registry[Symbol.asyncDispose]()
    await certificates[Symbol.asyncDispose]()
  })

  function pushScript(host: string): string {
    const module = new URL('./testing/images.ts', import.meta.url).href
    const target = JSON.stringify({
      url: `https://${host}`,
      repository: 'private/app',
      login: 'puller:s3cret-canary',
    })
    return `const m = await import(${JSON.stringify(module)}); await m.pushImage(${target}, 'v1', m.makeImage('one'))`
  }

  it('does not trust an unknown CA', async () => {
    await using upstream = createUpstream()
    const text = /: tls: failed to verify certificate: x509: certificate signed by unknown authority$/
    await assert.rejects(upstream.ping(registry.host), rejectsWith('tls', text))
  })

  it('trusts a CA that it was given, and needs a login', async () => {
    await using upstream = createUpstream({ extraCAs: [ca] })
    assert.equal((await upstream.ping(registry.host)).protocol, 'https:')
    await assert.rejects(
      upstream.manifest(repository(), 'v1'),
      rejectsWith('unauthorized', /no basic auth credentials$/),
    )
    const wrong = { credentials: login(registry.host, 'puller', 'wrong-canary') }
    await assert.rejects(upstream.manifest(repository(), 'v1', wrong), (error) => {
      assert.ok(isUpstreamError(error, 'unauthorized'))
      assert.ok(!JSON.stringify([error.message, error.stack]).includes('wrong-canary'))
      return true
    })
    const right = { credentials: login(registry.host, 'puller', 's3cret-canary') }
    const found = await upstream.manifest(repository(), 'v1', right)
    assert.ok(found.kind === 'manifest' && found.digest === image.digest)
    assert.equal(found.secret, 'pull')
    const elsewhere = { credentials: login('127.0.0.1', 'puller', 's3cret-canary') }
    await assert.rejects(upstream.manifest(repository(), 'v1', elsewhere), rejectsWith('unauthorized', /./))
  })

  it('does not take a certificate for another name', async () => {
    await using upstream = createUpstream({ extraCAs: [ca] })
    const text = /: x509: certificate is valid for 127\.0\.0\.1, not localhost$/
    const wrongName = registry.host.replace('127.0.0.1', 'localhost')
    await assert.rejects(upstream.ping(wrongName), rejectsWith('tls', text))
  })

  it('insecure leaves https unverified rather than going to http', async () => {
    await using upstream = createUpstream()
    assert.equal((await upstream.ping(registry.host, { insecure: true })).protocol, 'https:')
  })
})
