import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { type Algorithm, digestOf, type Seen, type Target, type Wire, withParameter } from './wire.ts'

/** Item 3 of registry.md §9: every way to push a blob, and what must be true of it afterwards. */

export type Connect = () => Promise<{ wire: Wire; repositories: Target['repositories'] } & AsyncDisposable>

const octets = { 'content-type': 'application/octet-stream' }
const minChunk = 1024

interface Case {
  wire: Wire
  repository: string
  other: string
  algorithm: Algorithm
}

function locationOf(seen: Seen): string {
  const location = seen.headers.get('location')
  assert.ok(location, 'no Location')
  return location
}

function checkDigestHeader(seen: Seen, digest: string): void {
  const header = seen.headers.get('docker-content-digest')
  if (header !== null) assert.equal(header, digest)
}

async function startUpload({ wire, repository }: Case): Promise<string> {
  const seen = await wire.send('POST', `/v2/${repository}/blobs/uploads/`, { headers: octets })
  assert.equal(seen.status, 202)
  return locationOf(seen)
}

async function patch(
  { wire }: Case,
  location: string,
  bytes: Uint8Array,
  start: number | undefined,
  expected = 202,
): Promise<Seen> {
  const range: Record<string, string> =
    start === undefined ? {} : { 'content-range': `${start}-${start + bytes.length - 1}` }
  const seen = await wire.send('PATCH', location, { headers: { ...octets, ...range }, body: bytes })
  assert.equal(seen.status, expected)
  return seen
}

async function finish(
  { wire }: Case,
  location: string,
  digest: string,
  expected: number,
  chunk?: { bytes: Uint8Array; start: number | undefined },
): Promise<Seen> {
  const range: Record<string, string> =
    chunk?.start === undefined
      ? {}
      : { 'content-range': `${chunk.start}-${chunk.start + chunk.bytes.length - 1}` }
  const seen = await wire.send('PUT', withParameter(location, 'digest', digest), {
    headers: { ...octets, ...range },
    body: chunk?.bytes ?? new Uint8Array(0),
  })
  assert.equal(seen.status, expected)
  return seen
}

/** A 201 names where the blob is, and it is there. */
async function checkCreated({ wire }: Case, seen: Seen, bytes: Uint8Array, digest: string): Promise<void> {
  checkDigestHeader(seen, digest)
  const got = await wire.send('GET', locationOf(seen))
  assert.equal(got.status, 200)
  assert.deepEqual(got.bytes, Buffer.from(bytes))
}

/** HEAD, GET, DELETE, and then it is gone at once. */
async function checkLife({ wire, repository }: Case, bytes: Uint8Array, digest: string): Promise<void> {
  const path = `/v2/${repository}/blobs/${digest}`
  const head = await wire.send('HEAD', path)
  assert.equal(head.status, 200)
  assert.equal(head.headers.get('content-length'), String(bytes.length))
  checkDigestHeader(head, digest)
  const got = await wire.send('GET', path)
  assert.equal(got.status, 200)
  assert.deepEqual(got.bytes, Buffer.from(bytes))
  assert.equal((await wire.send('DELETE', path)).status, 202)
  assert.equal((await wire.send('HEAD', path)).status, 404)
}

export async function pushBlob(
  wire: Wire,
  repository: string,
  bytes: Uint8Array,
  algorithm: Algorithm = 'sha256',
): Promise<string> {
  const digest = digestOf(bytes, algorithm)
  const one: Case = { wire, repository, other: repository, algorithm }
  await finish(one, await startUpload(one), digest, 201, { bytes, start: undefined })
  return digest
}

async function* streamed(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 700) yield bytes.subarray(at, at + 700)
}

type Way = (one: Case, bytes: Uint8Array, digest: string) => Promise<Seen>

const ways: Record<string, Way> = {
  async 'post only'({ wire, repository }, bytes, digest) {
    const path = withParameter(`/v2/${repository}/blobs/uploads/`, 'digest', digest)
    const seen = await wire.send('POST', path, { headers: octets, body: bytes })
    assert.equal(seen.status, 201)
    return seen
  },
  async 'post+put'(one, bytes, digest) {
    return finish(one, await startUpload(one), digest, 201, { bytes, start: undefined })
  },
  async 'chunked single'(one, bytes, digest) {
    const seen = await patch(one, await startUpload(one), bytes, 0)
    return finish(one, locationOf(seen), digest, 201)
  },
  async stream(one, bytes, digest) {
    const location = await startUpload(one)
    const seen = await one.wire.send('PATCH', location, { headers: octets, body: streamed(bytes) })
    assert.equal(seen.status, 202)
    return finish(one, locationOf(seen), digest, 201)
  },
  async mount(one, bytes, digest) {
    await pushBlob(one.wire, one.other, bytes, one.algorithm)
    const path = `/v2/${one.repository}/blobs/uploads/?mount=${digest}&from=${one.other}`
    const seen = await one.wire.send('POST', path)
    assert.equal(seen.status, 201)
    return seen
  },
  async 'mount anonymous'(one, bytes, digest) {
    await pushBlob(one.wire, one.other, bytes, one.algorithm)
    const seen = await one.wire.send('POST', `/v2/${one.repository}/blobs/uploads/?mount=${digest}`)
    assert.equal(seen.status, 201)
    return seen
  },
  async 'mount missing'(one, bytes, digest) {
    const path = `/v2/${one.repository}/blobs/uploads/?mount=${digest}&from=${one.other}`
    const seen = await one.wire.send('POST', path)
    assert.equal(seen.status, 202)
    return finish(one, locationOf(seen), digest, 201, { bytes, start: undefined })
  },
  async 'chunked multi'(one, bytes, digest) {
    let location = await startUpload(one)
    for (let at = 0; at < bytes.length; at += minChunk) {
      location = locationOf(await patch(one, location, bytes.subarray(at, at + minChunk), at))
    }
    return finish(one, location, digest, 201)
  },
  async 'chunked multi and put chunk'(one, bytes, digest) {
    let location = await startUpload(one)
    const last = 2 * minChunk
    for (let at = 0; at < last; at += minChunk) {
      location = locationOf(await patch(one, location, bytes.subarray(at, at + minChunk), at))
    }
    return finish(one, location, digest, 201, { bytes: bytes.subarray(last), start: last })
  },
  async 'chunked out-of-order'(one, bytes, digest) {
    const location = await sendOutOfOrder(one, bytes, bytes.length)
    return finish(one, location, digest, 201)
  },
  async 'chunked out-of-order and put chunk'(one, bytes, digest) {
    const last = 2 * minChunk
    const location = await sendOutOfOrder(one, bytes, last)
    const chunk = bytes.subarray(last)
    const refused = await finish(one, location, digest, 416, { bytes: chunk, start: 0 })
    checkStored(refused, last)
    return finish(one, locationOf(refused), digest, 201, { bytes: chunk, start: last })
  },
}

/** `Range` tells the last byte that is stored; before any, it only has to be a number. */
function checkStored(seen: Seen, stored: number): void {
  const match = /^0-(\d+)$/.exec(seen.headers.get('range') ?? '')
  assert.ok(match, 'no Range')
  if (stored > 0) assert.equal(Number(match[1]), stored - 1)
}

/** Before each good chunk a wrong one, which must be refused and leave the session as it was. */
async function sendOutOfOrder(one: Case, bytes: Uint8Array, end: number): Promise<string> {
  let location = await startUpload(one)
  for (let at = 0; at < end; at += minChunk) {
    const chunk = bytes.subarray(at, Math.min(at + minChunk, end))
    await patch(one, location, chunk, at === 0 ? minChunk : 0, 416)
    const status = await one.wire.send('GET', location)
    assert.equal(status.status, 204)
    checkStored(status, at)
    location = locationOf(await patch(one, locationOf(status), chunk, at))
  }
  return location
}

const badWays: Record<string, (one: Case, bytes: Uint8Array, claimed: string) => Promise<void>> = {
  async 'post only'({ wire, repository }, bytes, claimed) {
    const path = withParameter(`/v2/${repository}/blobs/uploads/`, 'digest', claimed)
    assert.equal((await wire.send('POST', path, { headers: octets, body: bytes })).status, 400)
  },
  async 'post+put'(one, bytes, claimed) {
    await finish(one, await startUpload(one), claimed, 400, { bytes, start: undefined })
  },
  async chunked(one, bytes, claimed) {
    const seen = await patch(one, await startUpload(one), bytes, 0)
    await finish(one, locationOf(seen), claimed, 400)
  },
  async 'chunked and put chunk'(one, bytes, claimed) {
    const seen = await patch(one, await startUpload(one), bytes.subarray(0, minChunk), 0)
    const chunk = { bytes: bytes.subarray(minChunk), start: minChunk }
    await finish(one, locationOf(seen), claimed, 400, chunk)
  },
  async stream(one, bytes, claimed) {
    const seen = await one.wire.send('PATCH', await startUpload(one), {
      headers: octets,
      body: streamed(bytes),
    })
    assert.equal(seen.status, 202)
    await finish(one, locationOf(seen), claimed, 400)
  },
}

const ranges = [
  { header: 'bytes=500-1499', start: 500, end: 1499 },
  { header: 'bytes=500-', start: 500, end: 2047 },
  { header: 'bytes=-500', start: 1548, end: 2047 },
  { header: 'bytes=2000-5000', start: 2000, end: 2047 },
  { header: 'bytes=500-0' },
  { header: 'bytes=5000-10000' },
]

export function blobChecks(name: string, connect: Connect): void {
  for (const algorithm of ['sha256', 'sha512'] as const) {
    const open = async (): Promise<Case & AsyncDisposable> => {
      const { wire, repositories, [Symbol.asyncDispose]: close } = await connect()
      const [repository, other] = repositories
      return { wire, repository, other, algorithm, [Symbol.asyncDispose]: close }
    }

    describe(`${name}: ${algorithm} blobs`, () => {
      it('get-missing', async () => {
        await using one = await open()
        const path = `/v2/${one.repository}/blobs/${digestOf(randomBytes(8), algorithm)}`
        assert.equal((await one.wire.send('GET', path)).status, 404)
        assert.equal((await one.wire.send('HEAD', path)).status, 404)
      })

      for (const [way, push] of Object.entries(ways)) {
        it(way, async () => {
          await using one = await open()
          const bytes = randomBytes(3 * minChunk - 5)
          const digest = digestOf(bytes, algorithm)
          await checkCreated(one, await push(one, bytes, digest), bytes, digest)
          await checkLife(one, bytes, digest)
        })
      }

      it('post cancel', async () => {
        await using one = await open()
        const location = await startUpload(one)
        assert.equal((await one.wire.send('DELETE', location)).status, 204)
        assert.equal((await one.wire.send('GET', location)).status, 404)
      })

      for (const [what, bytes] of [
        ['empty', new Uint8Array(0)],
        ['emptyJSON', Buffer.from('{}')],
      ] as const) {
        it(what, async () => {
          await using one = await open()
          const digest = digestOf(bytes, algorithm)
          for (const way of ['post+put', 'post only'] as const) {
            await checkCreated(one, await (ways[way] as Way)(one, bytes, digest), bytes, digest)
            await checkLife(one, bytes, digest)
          }
        })
      }

      for (const [way, push] of Object.entries(badWays)) {
        it(`bad digest ${way}`, async () => {
          await using one = await open()
          const bytes = randomBytes(2 * minChunk)
          const claimed = digestOf(randomBytes(8), algorithm)
          await push(one, bytes, claimed)
          for (const digest of [claimed, digestOf(bytes, algorithm)]) {
            const path = `/v2/${one.repository}/blobs/${digest}`
            assert.equal((await one.wire.send('HEAD', path)).status, 404)
          }
        })
      }

      it('range requests', async () => {
        await using one = await open()
        const bytes = randomBytes(2048)
        const digest = await pushBlob(one.wire, one.repository, bytes, algorithm)
        for (const { header, start, end } of ranges) {
          const path = `/v2/${one.repository}/blobs/${digest}`
          const seen = await one.wire.send('GET', path, { headers: { range: header } })
          if (start === undefined || end === undefined) {
            assert.equal(seen.status, 416, header)
            continue
          }
          assert.equal(seen.status, 206, header)
          assert.equal(seen.headers.get('content-length'), String(end - start + 1))
          assert.equal(seen.headers.get('content-range'), `bytes ${start}-${end}/2048`)
          assert.deepEqual(seen.bytes, bytes.subarray(start, end + 1))
        }
      })
    })
  }
}
