import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { get as httpGet } from 'node:http'
import { Readable } from 'node:stream'
import { describe, it } from 'node:test'
import type { PulledBlob, PullThrough } from './pull-through.ts'
import { digestOf, openRegistryLab } from './registry-lab.ts'
import { errorCodes, importImage, pushBlob, pushImage } from './test-images.ts'

const path = (digest: string, repository = 'demo/app') => `/v2/${repository}/blobs/${digest}`

describe('pulling a blob', () => {
  it('A-40, A-42: headers and bytes, small and large, GET and HEAD (r349)', async () => {
    await using lab = await openRegistryLab()
    for (const size of [0, 134, 5_000_000]) {
      const bytes = randomBytes(size)
      const { digest } = await pushBlob(lab, 'demo/app', bytes, 'x')
      for (const method of ['GET', 'HEAD']) {
        const seen = await lab.request(method, path(digest), { as: 'bob' })
        assert.equal(seen.status, 200)
        assert.deepEqual(seen.bytes, method === 'GET' ? bytes : Buffer.alloc(0))
        const expected = {
          'accept-ranges': 'bytes',
          'cache-control': 'max-age=31536000',
          'content-length': String(size),
          'content-type': 'application/octet-stream',
          'docker-content-digest': digest,
          etag: `"${digest}"`,
        }
        for (const [name, value] of Object.entries(expected))
          assert.equal(seen.headers.get(name), value, name)
      }
    }
  })

  it('A-40: If-None-Match is 304', async () => {
    await using lab = await openRegistryLab()
    const { digest } = await pushBlob(lab, 'demo/app', randomBytes(10), 'x')
    const seen = await lab.request('GET', path(digest), { headers: { 'if-none-match': `"${digest}"` } })
    assert.equal(seen.status, 304)
    assert.equal(seen.text, '')
  })

  it('A-41: ranges, of small and large blobs', async () => {
    await using lab = await openRegistryLab()
    for (const size of [2048, 1_000_000]) {
      const bytes = randomBytes(size)
      const { digest } = await pushBlob(lab, 'demo/app', bytes, 'x')
      const seen = await lab.request('GET', path(digest), { headers: { range: 'bytes=100-' } })
      assert.equal(seen.status, 206)
      assert.equal(seen.headers.get('content-range'), `bytes 100-${size - 1}/${size}`)
      assert.deepEqual(seen.bytes, bytes.subarray(100))
      const head = await lab.request('HEAD', path(digest), { headers: { range: 'bytes=0-9' } })
      assert.equal(head.status, 206)
      assert.equal(head.headers.get('content-length'), '10')
      const beyond = await lab.request('GET', path(digest), { headers: { range: `bytes=${size}-` } })
      assert.equal(beyond.status, 416)
      assert.equal(beyond.headers.get('content-range'), `bytes */${size}`)
      const stale = await lab.request('GET', path(digest), {
        headers: { range: 'bytes=0-9', 'if-range': '"another"' },
      })
      assert.equal(stale.status, 200)
    }
  })

  it('unknown and malformed digests (r350, A-3)', async () => {
    await using lab = await openRegistryLab()
    const digest = digestOf('nothing')
    const seen = await lab.request('GET', path(digest))
    assert.equal(seen.status, 404)
    const message = 'blob unknown to registry'
    assert.deepEqual(seen.json(), { errors: [{ code: 'BLOB_UNKNOWN', message, detail: digest }] })
    const malformed = ['sha256:zz', 'x', 'md5:0', digest.toUpperCase(), `${digest}0`, 'sha256:..%252f..']
    for (const text of malformed) {
      for (const method of ['GET', 'DELETE']) {
        const bad = await lab.request(method, path(text), { as: 'root' })
        assert.equal(bad.status, 400, text)
        const { errors } = bad.json() as { errors: { code: string; detail: unknown }[] }
        assert.deepEqual([errors[0]?.code, errors[0]?.detail], ['DIGEST_INVALID', {}])
      }
    }
  })

  it('a client that stops reading leaves nothing open', async () => {
    await using lab = await openRegistryLab()
    const { digest } = await pushBlob(lab, 'demo/app', randomBytes(8_000_000), 'x')
    const request = httpGet(`${lab.url}${path(digest)}`, { headers: { authorization: 'Bearer bob-token' } })
    const [response] = (await once(request, 'response')) as [Readable]
    response.on('error', () => undefined)
    await once(response, 'readable')
    request.destroy()
    const again = await lab.request('GET', path(digest))
    assert.equal(digestOf(again.bytes), digest)
  })
})

describe('threat 10: which repository may serve a blob (B-40)', () => {
  it('that the bytes exist is not enough', async () => {
    await using lab = await openRegistryLab()
    const { digest } = await pushBlob(lab, 'bob/secret', randomBytes(10), 'x', 'bob')
    for (const method of ['GET', 'HEAD']) {
      assert.equal((await lab.request(method, path(digest))).status, 404)
      assert.equal((await lab.request(method, path(digest, 'bob/secret'))).status, 401)
    }
  })

  it('an image that is tagged into the stream brings its blobs; HEAD makes no link', async () => {
    await using lab = await openRegistryLab()
    const image = await pushImage(lab, 'other/base', 'v1')
    const digest = image.layers[0]?.digest ?? ''
    assert.equal((await lab.request('HEAD', path(digest))).status, 404)
    await importImage(lab, 'demo/app', 'v1', image)
    assert.equal((await lab.request('HEAD', path(digest))).status, 200)
    assert.equal((await lab.request('GET', path(digest))).status, 200)
    const { entries } = await lab.store.list('registry/links/demo/app/')
    assert.deepEqual(entries, [])
  })

  it('a stream’s word for a blob ends with the time it is remembered', async () => {
    let now = Date.parse('2026-01-01T00:00:00Z')
    await using lab = await openRegistryLab({ deps: { clock: () => new Date(now) } })
    const image = await pushImage(lab, 'other/base', 'v1')
    await importImage(lab, 'demo/app', 'v1', image)
    const digest = image.layers[0]?.digest ?? ''
    assert.equal((await lab.request('HEAD', path(digest))).status, 200)
    await lab.request('DELETE', '/v2/demo/app/manifests/v1', { as: 'root' })
    now += 600_001
    assert.equal((await lab.request('HEAD', path(digest))).status, 404)
  })

  it('after DELETE it is gone at once, here and only here', async () => {
    await using lab = await openRegistryLab()
    const bytes = randomBytes(10)
    const { digest } = await pushBlob(lab, 'demo/app', bytes, 'x')
    await pushBlob(lab, 'other/app', bytes, 'x')
    assert.equal((await lab.request('GET', path(digest))).status, 200)
    assert.equal((await lab.request('DELETE', path(digest), { as: 'root' })).status, 202)
    assert.equal((await lab.request('GET', path(digest))).status, 404)
    assert.equal((await lab.request('DELETE', path(digest), { as: 'root' })).status, 404)
    assert.equal((await lab.request('GET', path(digest, 'other/app'))).status, 200)
  })

  it('the empty layers are everybody’s only in strict parity', async () => {
    for (const manifestVisibility of ['stream', 'repository'] as const) {
      await using lab = await openRegistryLab({ config: { manifestVisibility } })
      const { digest } = await pushBlob(lab, 'other/app', Buffer.alloc(0), 'x')
      const expected = manifestVisibility === 'stream' ? 200 : 404
      assert.equal((await lab.request('GET', path(digest))).status, expected)
    }
  })

  it('a link to bytes that are gone is no blob', async () => {
    await using lab = await openRegistryLab()
    const { digest } = await pushBlob(lab, 'demo/app', randomBytes(10), 'x')
    await lab.blobs.delete(digest as never)
    assert.equal((await lab.request('GET', path(digest))).status, 404)
    assert.equal((await lab.request('HEAD', path(digest))).status, 404)
  })
})

describe('deleting', () => {
  it('A-44: a blob that only the stream vouches for cannot be unlinked; a disabled deletion is 405', async () => {
    await using lab = await openRegistryLab()
    const image = await pushImage(lab, 'other/base', 'v1')
    await importImage(lab, 'demo/app', 'v1', image)
    assert.equal((await lab.request('DELETE', path(image.config.digest), { as: 'root' })).status, 404)
    await using closed = await openRegistryLab({ config: { deleteEnabled: false } })
    const seen = await closed.request('DELETE', path(image.config.digest), { as: 'root' })
    assert.equal(seen.status, 405)
    assert.deepEqual(errorCodes(seen), ['UNSUPPORTED'])
  })

  it('B-102: the pruner’s door removes the bytes everywhere, and says 204 either way', async () => {
    await using lab = await openRegistryLab()
    const bytes = randomBytes(10)
    const { digest } = await pushBlob(lab, 'demo/app', bytes, 'x')
    await pushBlob(lab, 'other/app', bytes, 'x')
    assert.equal((await lab.request('DELETE', `/admin/blobs/${digest}`)).status, 401)
    for (let time = 0; time < 2; time++) {
      assert.equal((await lab.request('DELETE', `/admin/blobs/${digest}`, { as: 'root' })).status, 204)
    }
    assert.equal((await lab.request('DELETE', '/admin/blobs/sha256:zz', { as: 'root' })).status, 404)
    for (const repository of ['demo/app', 'other/app']) {
      assert.equal((await lab.request('GET', path(digest, repository))).status, 404)
    }
    await pushBlob(lab, 'demo/app', bytes, 'x')
    assert.equal((await lab.request('GET', path(digest))).status, 200)
    assert.equal((await lab.request('GET', path(digest, 'other/app'))).status, 404)
  })
})

describe('pull-through of blobs', () => {
  const bytes = randomBytes(1000)
  const digest = digestOf(bytes)
  const answer = (want: Parameters<PullThrough['blob']>[1]): PulledBlob => {
    const known = { size: bytes.length, contentType: 'application/x-layer' }
    if (want === 'size') return known
    if (want === 'all') return { ...known, body: Readable.from([bytes]) }
    return { ...known, body: Readable.from([bytes.subarray(want.start, want.end + 1)]), range: want }
  }

  it('B-59: whole, ranged and HEAD, with upstream’s type', async () => {
    const asked: unknown[] = []
    const pullThrough: PullThrough = {
      manifest: async () => undefined,
      blob: async (_request, want) => {
        asked.push(want)
        return answer(want)
      },
    }
    await using lab = await openRegistryLab({ deps: { pullThrough } })
    const image = await pushImage(lab, 'demo/app', 'v1')
    assert.ok(image)
    const whole = await lab.request('GET', path(digest))
    assert.deepEqual(whole.bytes, bytes)
    assert.equal(whole.headers.get('content-type'), 'application/x-layer')
    assert.equal(whole.headers.get('docker-content-digest'), digest)
    const part = await lab.request('GET', path(digest), { headers: { range: 'bytes=10-19' } })
    assert.equal(part.status, 206)
    assert.equal(part.headers.get('content-range'), 'bytes 10-19/1000')
    assert.deepEqual(part.bytes, bytes.subarray(10, 20))
    const head = await lab.request('HEAD', path(digest))
    assert.equal(head.status, 200)
    assert.equal(head.headers.get('content-length'), '1000')
    assert.deepEqual(asked, ['all', 'size', { start: 10, end: 19 }, 'size'])
  })

  it('B-59: an upstream that ends short ends the connection, not the answer', async () => {
    async function* short(): AsyncGenerator<Uint8Array> {
      yield bytes.subarray(0, 500)
      throw new Error('upstream ended short')
    }
    const pullThrough: PullThrough = {
      manifest: async () => undefined,
      blob: async () => ({ size: 1000, contentType: 'x/y', body: Readable.from(short()) }),
    }
    await using lab = await openRegistryLab({ deps: { pullThrough } })
    await pushImage(lab, 'demo/app', 'v1')
    await assert.rejects(lab.request('GET', path(digest)))
  })

  it('is asked only for streams that exist', async () => {
    const pullThrough: PullThrough = {
      manifest: async () => undefined,
      blob: async (_request, want) => answer(want),
    }
    await using lab = await openRegistryLab({ deps: { pullThrough } })
    assert.equal((await lab.request('GET', path(digest, 'demo/none'))).status, 404)
  })
})
