import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { describe, it } from 'node:test'
import { openFileBlobs } from '../blobs/index.ts'
import type { Digest } from '../oci/index.ts'
import { createKeyring, createUpstream, emptyKeyring, silentLog } from '../upstream/index.ts'
import { registryMissing, startRegistry } from '../upstream/testing/docker-registry.ts'
import type { HostileServer } from '../upstream/testing/hostile-server.ts'
import { openPing, send, startServer } from '../upstream/testing/hostile-server.ts'
import {
  digestOf,
  makeImage,
  makeIndex,
  pushBlob,
  pushImage,
  pushManifest,
} from '../upstream/testing/images.ts'
import { createBlobCopier } from './copy-blob.ts'
import type { PulledStream } from './pull-candidates.ts'
import { blobCandidates, manifestCandidates, orderCandidates } from './pull-candidates.ts'
import type { PulledBlob, PullRefusal, PullThroughDeps } from './pull-through.ts'
import { createPullThrough } from './pull-through.ts'
import { noRegistrySources } from './types.ts'

const image = makeImage('pulled')
const arm = makeImage('pulled', { architecture: 'arm64' })
const index = makeIndex([image, arm])

interface History {
  [tag: string]: [image: string, reference: string][]
}

function streamOf(tags: History, more: Partial<PulledStream> = {}): PulledStream {
  const read = Object.entries(tags).map(([tag, items]) => {
    return [
      tag,
      items.map(([name, dockerImageReference]) => ({ image: name, dockerImageReference })),
    ] as const
  })
  return {
    namespace: 'demo',
    name: 'app',
    tags: new Map(read),
    ownRepositories: ['reg.test:5000/demo/app'],
    isInsecure: false,
    insecureTags: new Set(),
    ...more,
  }
}

class Refused extends Error {
  readonly refusal: PullRefusal
  constructor(refusal: PullRefusal) {
    super(refusal.message)
    this.refusal = refusal
  }
}

function open(more: Partial<PullThroughDeps> = {}) {
  const upstream = createUpstream({ limits: { retries: 0 } })
  const pull = createPullThrough({
    upstream,
    keyring: async () => emptyKeyring,
    sources: async () => noRegistrySources,
    serverAddress: 'reg.test:5000',
    refuse: (refusal) => new Refused(refusal),
    log: silentLog,
    ...more,
  })
  return { ...pull, [Symbol.asyncDispose]: () => upstream[Symbol.asyncDispose]() }
}

/** A copier over blobs of its own, and what it linked. */
async function openCopier() {
  const dir = await mkdtemp(join(tmpdir(), 'weir-copier-'))
  const blobs = await openFileBlobs({ dir })
  const linked: string[] = []
  const copier = createBlobCopier({
    blobs,
    most: 4,
    log: silentLog,
    async link(repository, { digest }) {
      linked.push(`${repository} ${digest}`)
    },
  })
  return {
    blobs,
    copier,
    linked,
    async [Symbol.asyncDispose]() {
      await copier.settled()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

async function sendTo(pulled: PulledBlob | undefined, sink: Writable): Promise<void> {
  const body = pulled?.body
  assert.ok(body !== undefined)
  await (body instanceof Readable ? pipeline(body, sink) : body.sendTo(sink))
}

/** The bytes as a client gets them; copied, for the sender uses its buffers again. */
async function bodyOf(pulled: PulledBlob | undefined): Promise<Buffer> {
  const chunks: Buffer[] = []
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(Buffer.from(chunk))
      done()
    },
  })
  await sendTo(pulled, sink)
  return Buffer.concat(chunks)
}

const ask = (stream: PulledStream, digest: Digest, more: object = {}) => ({
  stream,
  digest,
  headers: {},
  signal: new AbortController().signal,
  ...more,
})
const insecure = { isInsecure: true }

describe('candidates', () => {
  const digest = digestOf('x')
  const names = (candidates: { repository: { registry: string; name: string }; insecure: boolean }[]) =>
    candidates.map(
      ({ repository, insecure: is }) => `${repository.registry}/${repository.name}${is ? ' insecure' : ''}`,
    )

  it('a manifest comes from the event that holds it; only that tag’s insecure counts (B-54)', () => {
    const stream = streamOf(
      { a: [[digest, `quay.test/a/a@${digest}`]], b: [[digest, `quay.test/b/b@${digest}`]] },
      { insecureTags: new Set(['b']) },
    )
    const find = (tag?: string) =>
      names(manifestCandidates(stream, digest, tag, 'reg.test:5000', noRegistrySources))
    assert.deepEqual(find(), ['quay.test/a/a'])
    assert.deepEqual(find('b'), ['quay.test/b/b insecure'])
  })

  it('the entry of a list is looked for in all repositories of the stream', () => {
    const stream = streamOf({
      a: [['sha256:list', 'quay.test/a/a:1']],
      b: [['sha256:other', 'quay.test/b/b:1']],
    })
    assert.deepEqual(names(manifestCandidates(stream, digest, undefined, 'x', noRegistrySources)), [
      'quay.test/a/a',
      'quay.test/b/b',
    ])
  })

  it('own content is never asked for elsewhere (B-51, B-55)', () => {
    const stream = streamOf({
      a: [[digest, `reg.test:5000/demo/app@${digest}`]],
      b: [[digest, `me.test/x@${digest}`]],
    })
    assert.deepEqual(manifestCandidates(stream, digest, 'a', 'me.test', noRegistrySources), [])
    assert.deepEqual(blobCandidates(stream, 'me.test', noRegistrySources), [])
  })

  it('blobs: current items before older ones, each repository once, insecure by host (B-55, B-56)', () => {
    const stream = streamOf(
      {
        a: [
          [digest, 'one.test/x:1'],
          [digest, 'old.test/y:1'],
        ],
        b: [
          [digest, 'one.test/z:1'],
          [digest, 'one.test/x:2'],
        ],
      },
      { insecureTags: new Set(['b']) },
    )
    const found = blobCandidates(stream, 'me', noRegistrySources)
    assert.deepEqual(names(found), ['one.test/x insecure', 'one.test/z insecure', 'old.test/y'])
    assert.deepEqual(names(orderCandidates(found, 'one.test/z')), [
      'one.test/z insecure',
      'old.test/y',
      'one.test/x insecure',
    ])
  })

  it('mirrors come first, and alone where the source must never be asked', () => {
    const mirror = {
      source: 'quay.test',
      mirrors: ['mirror.test/q'],
      use: 'digest',
      neverSource: true,
    } as const
    const stream = streamOf({ a: [[digest, `quay.test/a/a@${digest}`]] })
    const sources = { ...noRegistrySources, mirrors: [mirror] }
    assert.deepEqual(names(manifestCandidates(stream, digest, 'a', 'me', sources)), ['mirror.test/q/a/a'])
  })
})

describe('pull-through from docker-registry', { skip: registryMissing ?? false }, () => {
  it('manifests, entries of lists, blobs, parts and sizes', async () => {
    await using registry = await startRegistry()
    const target = { url: `http://${registry.host}`, repository: 'team/app' }
    await pushImage(target, 'v1', image)
    await pushImage(target, 'arm', arm)
    await pushManifest(target, 'multi', index)
    await using pull = open()
    const stream = streamOf(
      { multi: [[index.digest, `${registry.host}/team/app@${index.digest}`]] },
      insecure,
    )
    for (const wanted of [index, arm]) {
      const found = await pull.manifest(ask(stream, wanted.digest))
      assert.deepEqual([found?.bytes, found?.mediaType], [wanted.bytes, wanted.mediaType])
    }
    const [, layer] = image.layers
    assert.ok(layer !== undefined)
    const size = await pull.blob(ask(stream, layer.digest), 'size')
    assert.equal(size?.size, layer.bytes.length)
    assert.equal(size.body, undefined)
    const whole = await pull.blob(ask(stream, layer.digest), 'all')
    assert.deepEqual(await bodyOf(whole), layer.bytes)
    const part = await pull.blob(ask(stream, layer.digest), { start: 3, end: 9 })
    assert.deepEqual([part?.range, await bodyOf(part)], [{ start: 3, end: 9 }, layer.bytes.subarray(3, 10)])
    assert.equal(await pull.blob(ask(stream, digestOf('absent')), 'all'), undefined)
    const text = new RegExp(
      `^Error: unable to pull manifest from ${registry.host}/team/app@sha256:[0-9a-f]{64}: manifest unknown`,
    )
    await assert.rejects(pull.manifest(ask(stream, digestOf('absent'))), text)
  })

  it('keeps what passes, once, also when the client leaves in the middle', async () => {
    await using registry = await startRegistry()
    const target = { url: `http://${registry.host}`, repository: 'team/app' }
    const bytes = randomBytes(6 << 20)
    const blob = { digest: digestOf(bytes), bytes }
    await pushBlob(target, blob)
    await using keeping = await openCopier()
    const { copier, blobs, linked } = keeping
    await using pull = open({ copier })
    const stream = streamOf({ v1: [['x', `${registry.host}/team/app:v1`]] }, insecure)
    const leaving = new AbortController()
    const first = await pull.blob(ask(stream, blob.digest, { signal: leaving.signal }), 'all')
    const second = await pull.blob(ask(stream, blob.digest), 'all')
    const leaver = new PassThrough()
    const left = sendTo(first, leaver)
    await once(leaver, 'readable')
    leaving.abort()
    leaver.destroy()
    await assert.rejects(left)
    assert.deepEqual(await bodyOf(second), bytes)
    await copier.settled()
    assert.deepEqual(linked, [`demo/app ${blob.digest}`])
    assert.deepEqual(Buffer.from((await blobs.read(blob.digest, 10 << 20)) as Uint8Array), bytes)
    assert.equal(copier.current(blob.digest), undefined, 'the mark is cleared when a copy is over')
  })
})

describe('pull-through from odd registries', () => {
  const blob = Buffer.from('the bytes of a blob')
  const stream = ({ host }: HostileServer, more: object = insecure) =>
    streamOf({ v1: [[image.digest, `${host}/team/app:v1`]] }, more)

  it('429 is told as such, for manifests and blobs (B-52, B-57)', async () => {
    await using server = await startServer((request, response) => {
      if (!openPing(request, response)) send(response, 429, '{"errors":[{"code":"TOOMANYREQUESTS"}]}')
    })
    await using pull = open()
    const kindOf = (promise: Promise<unknown>) =>
      promise.catch((error: unknown) => (error as Refused).refusal)
    assert.deepEqual(await kindOf(pull.manifest(ask(stream(server), image.digest))), {
      kind: 'too-many-requests',
      message: 'unable to pullthrough manifest',
    })
    assert.deepEqual(await kindOf(pull.blob(ask(stream(server), digestOf(blob)), 'all')), {
      kind: 'too-many-requests',
      message: 'unable to pullthrough blob',
    })
  })

  it('an http registry without insecure is refused in the words of r319', async () => {
    await using server = await startServer((request, response) => void openPing(request, response))
    await using pull = open()
    const cause = `Get "https://${server.host}/v2/": http: server gave HTTP response to HTTPS client`
    const text = `unable to pull manifest from ${server.host}/team/app@${image.digest}: ${cause}`
    await assert.rejects(pull.manifest(ask(stream(server, {}), image.digest)), { message: text })
  })

  it('threat 4: a blob of other bytes is neither served to its end nor kept', async () => {
    await using server = await startServer((request, response) => {
      const wrong = Buffer.from('THE BYTES OF A BLOB')
      if (!openPing(request, response)) send(response, 200, wrong, { 'content-length': String(wrong.length) })
    })
    await using keeping = await openCopier()
    const { copier, blobs, linked } = keeping
    await using pull = open({ copier })
    const pulled = await pull.blob(ask(stream(server), digestOf(blob)), 'all')
    await assert.rejects(bodyOf(pulled))
    await copier.settled()
    assert.deepEqual(linked, [])
    assert.equal(await blobs.stat(digestOf(blob)), undefined)
  })

  it('a blob whose size nobody tells is no answer', async () => {
    await using server = await startServer((request, response) => {
      if (openPing(request, response)) return
      response.write(blob)
      response.end()
    })
    await using pull = open()
    assert.equal(await pull.blob(ask(stream(server), digestOf(blob)), 'all'), undefined)
  })

  it('threat 2: each stream’s namespace has its own secrets', async () => {
    await using server = await startServer((request, response) => {
      if (request.headers.authorization === undefined) {
        return send(response, 401, '{}', { 'www-authenticate': 'Basic realm="r"' })
      }
      send(response, 200, image.bytes, { 'content-type': image.mediaType })
    })
    const auths = { [server.host]: { username: 'u', password: 'p' } }
    const data = { '.dockerconfigjson': Buffer.from(JSON.stringify({ auths })).toString('base64') }
    const rich = createKeyring([{ name: 's', type: 'kubernetes.io/dockerconfigjson', data }])
    await using pull = open({ keyring: async (namespace) => (namespace === 'rich' ? rich : emptyKeyring) })
    await pull.manifest(ask(stream(server, { ...insecure, namespace: 'rich' }), image.digest))
    await assert.rejects(pull.manifest(ask(stream(server), image.digest)), /no basic auth credentials/)
  })

  it('threat 10: a transfer under way is joined only by whom the registry lets in itself', async () => {
    const bytes = randomBytes(300_000)
    const digest = digestOf(bytes)
    const asked: string[] = []
    const rest = Promise.withResolvers<void>()
    await using server = await startServer((request, response) => {
      if (request.headers.authorization === undefined) {
        return send(response, 401, '{}', { 'www-authenticate': 'Basic realm="r"' })
      }
      asked.push(request.method ?? '')
      response.writeHead(200, { 'content-length': String(bytes.length) })
      if (request.method === 'HEAD') return void response.end()
      response.write(bytes.subarray(0, 100_000))
      void rest.promise.then(() => response.end(bytes.subarray(100_000)))
    })
    const auths = { [server.host]: { username: 'u', password: 'p' } }
    const data = { '.dockerconfigjson': Buffer.from(JSON.stringify({ auths })).toString('base64') }
    const rich = createKeyring([{ name: 's', type: 'kubernetes.io/dockerconfigjson', data }])
    await using keeping = await openCopier()
    const { copier, linked } = keeping
    await using pull = open({
      copier,
      keyring: async (namespace) => (namespace.startsWith('rich') ? rich : emptyKeyring),
    })
    const ofNamespace = (namespace: string) => ask(stream(server, { ...insecure, namespace }), digest)
    const first = await pull.blob(ofNamespace('rich'), 'all')
    assert.equal(await pull.blob(ofNamespace('poor'), 'all'), undefined)
    const second = await pull.blob(ofNamespace('rich-too'), 'all')
    rest.resolve()
    const bodies = await Promise.all([bodyOf(first), bodyOf(second)])
    for (const body of bodies) assert.ok(body.equals(bytes))
    await copier.settled()
    assert.equal(await pull.blob(ofNamespace('poor'), 'all'), undefined)
    assert.deepEqual(linked.toSorted(), [`rich-too/app ${digest}`, `rich/app ${digest}`])
    assert.equal(asked.filter((method) => method === 'GET').length, 1)
  })

  it('a request that comes from where it would go is refused (B-67)', async () => {
    await using server = await startServer((request, response) => void openPing(request, response))
    await using pull = open()
    const url = `http://${server.host}/v2/team/app/manifests/${image.digest}`
    const headers = { 'x-registry-request-url': `http://elsewhere/, ${url}` }
    await assert.rejects(
      pull.manifest(ask(stream(server), image.digest, { headers })),
      /because a loop is detected$/,
    )
  })
})
