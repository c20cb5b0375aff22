import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { describe, it } from 'node:test'
import {
  digestOf,
  type LabRequest,
  type LabResponse,
  openRegistryLab,
  type RegistryLab,
} from './registry-lab.ts'
import { errorCodes, importImage, pushBlob, pushImage } from './test-images.ts'

const uploads = '/v2/demo/app/blobs/uploads/'

const locationOf = (seen: LabResponse): string => seen.headers.get('location') ?? assert.fail('no Location')

async function start(lab: RegistryLab, path = uploads, request: LabRequest = {}): Promise<LabResponse> {
  const seen = await lab.request('POST', path, request)
  assert.equal(seen.status, 202, seen.text)
  return seen
}

const patch = (lab: RegistryLab, location: string, body: Uint8Array | string, range?: string) =>
  lab.request('PATCH', location, {
    body,
    ...(range === undefined ? {} : { headers: { 'content-range': range } }),
  })

const put = (lab: RegistryLab, location: string, digest: string, body?: Uint8Array, range?: string) =>
  lab.request('PUT', `${location}&digest=${digest}`, {
    ...(body === undefined ? {} : { body }),
    ...(range === undefined ? {} : { headers: { 'content-range': range } }),
  })

describe('upload sessions', () => {
  it('A-20: POST starts one', async () => {
    await using lab = await openRegistryLab()
    for (const path of [uploads, '/v2/demo/app/blobs/uploads']) {
      const seen = await start(lab, path)
      const id = seen.headers.get('docker-upload-uuid') ?? ''
      assert.match(id, /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/)
      assert.ok(locationOf(seen).startsWith(`${lab.url}${uploads}${id}?_state=`))
      assert.equal(seen.headers.get('range'), '0-0')
      assert.equal(seen.headers.get('content-length'), '0')
    }
  })

  it('A-22, A-25: a stream, then PUT; the Range counts the bytes', async () => {
    await using lab = await openRegistryLab()
    const bytes = randomBytes(3000)
    const first = await patch(lab, locationOf(await start(lab)), bytes.subarray(0, 1000))
    assert.equal(first.status, 202)
    assert.equal(first.headers.get('range'), '0-999')
    const second = await patch(lab, locationOf(first), bytes.subarray(1000))
    assert.equal(second.headers.get('range'), '0-2999')
    const done = await put(lab, locationOf(second), digestOf(bytes))
    assert.equal(done.status, 201)
    assert.equal(done.headers.get('docker-content-digest'), digestOf(bytes))
    assert.equal(done.headers.get('location'), `${lab.url}/v2/demo/app/blobs/${digestOf(bytes)}`)
    assert.equal((await lab.request('GET', locationOf(second))).status, 404)
  })

  it('A-22: an empty PATCH leaves the session as it is', async () => {
    await using lab = await openRegistryLab()
    const seen = await patch(lab, locationOf(await start(lab)), new Uint8Array(0))
    assert.equal(seen.status, 202)
    assert.equal(seen.headers.get('range'), '0-0')
    assert.equal((await put(lab, locationOf(seen), digestOf(''))).status, 201)
  })

  it('A-22: another Content-Type is refused', async () => {
    await using lab = await openRegistryLab()
    const location = locationOf(await start(lab))
    const seen = await lab.request('PATCH', location, {
      body: 'x',
      headers: { 'content-type': 'text/plain' },
    })
    assert.equal(seen.status, 400)
    assert.deepEqual(errorCodes(seen), ['BLOB_UPLOAD_INVALID'])
  })

  it('A-23: the rules of chunks, in their order', async () => {
    await using lab = await openRegistryLab()
    const location = locationOf(await start(lab))
    const cases: [string, number, string][] = [
      ['nonsense', 416, 'RANGE_INVALID'],
      ['5-9', 416, 'RANGE_INVALID'],
      ['5-4', 416, 'RANGE_INVALID'],
      ['0-9', 400, 'SIZE_INVALID'],
      ['0-3', 400, 'SIZE_INVALID'],
    ]
    for (const [range, status, code] of cases) {
      const seen = await patch(lab, location, 'hello', range)
      assert.equal(seen.status, status, range)
      assert.deepEqual(errorCodes(seen), [code])
    }
    const good = await patch(lab, location, 'hello', 'bytes 0-4')
    assert.equal(good.status, 202)
    const refused = await patch(lab, locationOf(good), 'hello', '100-104')
    assert.equal(refused.status, 416)
    assert.equal(refused.headers.get('range'), '0-4')
    assert.equal(refused.text, '{"errors":[{"code":"RANGE_INVALID","message":"invalid content range"}]}\n')
    const more = await patch(lab, locationOf(refused), ' blob', '5-9')
    assert.equal((await put(lab, locationOf(more), digestOf('hello blob'))).status, 201)
  })

  it('A-23: a streamed chunk may not be longer than its range', async () => {
    await using lab = await openRegistryLab()
    async function* body(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('hello')
      yield Buffer.from('too much')
    }
    const seen = await lab.request('PATCH', locationOf(await start(lab)), {
      body: body(),
      headers: { 'content-range': '0-4' },
    })
    assert.equal(seen.status, 400)
    assert.deepEqual(errorCodes(seen), ['SIZE_INVALID'])
  })

  it('A-24: a PUT with Content-Range is held to it, and a refused one keeps the session', async () => {
    await using lab = await openRegistryLab()
    const first = await patch(lab, locationOf(await start(lab)), 'hello', '0-4')
    const digest = digestOf('hello blob')
    const refused = await put(lab, locationOf(first), digest, Buffer.from(' blob'), '0-4')
    assert.equal(refused.status, 416)
    assert.equal((await put(lab, locationOf(refused), digest, Buffer.from(' blob'), '5-9')).status, 201)
  })

  it('A-25: a missing or malformed digest keeps the session, a wrong one ends it (r359)', async () => {
    await using lab = await openRegistryLab()
    const location = locationOf(await start(lab))
    assert.equal((await lab.request('PUT', location)).status, 400)
    assert.deepEqual(errorCodes(await put(lab, location, 'sha256:zz')), ['DIGEST_INVALID'])
    const wrong = digestOf('other')
    const seen = await put(lab, location, wrong, Buffer.from('this'))
    assert.equal(seen.status, 400)
    const message = 'provided digest did not match uploaded content'
    assert.deepEqual(seen.json(), {
      errors: [{ code: 'DIGEST_INVALID', message, detail: { Digest: wrong, Reason: {} } }],
    })
    assert.equal((await lab.request('GET', location)).status, 404)
  })

  it('A-21: without its state, with a forged or another session’s one, nothing is written', async () => {
    await using lab = await openRegistryLab()
    const location = locationOf(await start(lab))
    const bare = location.slice(0, location.indexOf('?'))
    const other = new URL(locationOf(await start(lab))).search
    for (const query of ['', '?_state=forged', other]) {
      for (const method of ['PATCH', 'PUT', 'DELETE']) {
        const seen = await lab.request(method, `${bare}${query}`, { body: 'x' })
        assert.equal(seen.status, 404)
        assert.deepEqual(errorCodes(seen), ['BLOB_UPLOAD_INVALID'])
      }
      const status = await lab.request('GET', `${bare}${query}`)
      assert.equal(status.status, 204)
      assert.equal(status.headers.get('range'), '0-0')
    }
  })

  it('A-21: a stale state is 416 with where the session stands', async () => {
    await using lab = await openRegistryLab()
    const location = locationOf(await start(lab))
    await patch(lab, location, 'hello')
    const again = await patch(lab, location, 'hello')
    assert.equal(again.status, 416)
    assert.equal(again.headers.get('range'), '0-4')
    assert.equal((await put(lab, locationOf(again), digestOf('hello'))).status, 201)
  })

  it('A-26: a POST with digest and body is the whole upload', async () => {
    await using lab = await openRegistryLab()
    const post = (digest: string, body?: string) =>
      lab.request('POST', `${uploads}?digest=${digest}`, body === undefined ? {} : { body })
    assert.equal((await post(digestOf('hello'), 'hello')).status, 201)
    assert.equal((await lab.request('GET', `/v2/demo/app/blobs/${digestOf('hello')}`)).text, 'hello')
    const wrong = await post(digestOf('other'), 'hello')
    assert.equal(wrong.status, 400)
    assert.deepEqual(errorCodes(wrong), ['DIGEST_INVALID'])
    assert.equal((await post('sha256:zz', 'hello')).status, 400)
    assert.equal((await post(digestOf(''))).status, 201)
    assert.equal((await post(digestOf('never sent'))).status, 202)
  })

  it('end-4c: the algorithm can be announced, and must be a known one', async () => {
    await using lab = await openRegistryLab()
    const location = locationOf(await start(lab, `${uploads}?digest-algorithm=sha512`))
    const digest = digestOf('hello', 'sha512')
    assert.equal((await put(lab, location, digest, Buffer.from('hello'))).status, 201)
    assert.equal((await lab.request('POST', `${uploads}?digest-algorithm=md5`)).status, 400)
  })

  it('A-4: what was pushed under sha512 is known by that name alone', async () => {
    await using lab = await openRegistryLab()
    const digest = digestOf('hello', 'sha512')
    const seen = await put(lab, locationOf(await start(lab)), digest, Buffer.from('hello'))
    assert.equal(seen.headers.get('docker-content-digest'), digest)
    assert.equal((await lab.request('HEAD', `/v2/demo/app/blobs/${digest}`)).status, 200)
    assert.equal((await lab.request('HEAD', `/v2/demo/app/blobs/${digestOf('hello')}`)).status, 404)
  })

  it('A-29: DELETE ends a session (r361)', async () => {
    await using lab = await openRegistryLab()
    const location = locationOf(await start(lab))
    await patch(lab, location, 'hello')
    const seen = await lab.request('DELETE', location)
    assert.equal(seen.status, 204)
    assert.ok(seen.headers.get('docker-upload-uuid'))
    for (const method of ['GET', 'DELETE', 'PATCH']) {
      const gone = await lab.request(method, location, method === 'GET' ? {} : { body: 'x' })
      assert.equal(gone.status, 404)
    }
  })

  it('A-30: of two writers one gets 416; parallel uploads of one digest both succeed', async () => {
    await using lab = await openRegistryLab()
    const location = locationOf(await start(lab))
    const seen = await Promise.all([
      patch(lab, location, 'a'.repeat(9000)),
      patch(lab, location, 'b'.repeat(9000)),
    ])
    assert.deepEqual(seen.map(({ status }) => status).sort(), [202, 416])
    const bytes = randomBytes(100_000)
    const both = await Promise.all(
      [1, 2].map(async () => put(lab, locationOf(await start(lab)), digestOf(bytes), bytes)),
    )
    assert.deepEqual(
      both.map(({ status }) => status),
      [201, 201],
    )
  })

  it('A-27: bytes that came before the client went away are kept', async () => {
    await using lab = await openRegistryLab()
    const location = locationOf(await start(lab))
    const sent = httpRequest(location, {
      method: 'PATCH',
      headers: { authorization: 'Bearer alice-token', 'content-length': '10000' },
    })
    sent.on('error', () => undefined)
    sent.write('x'.repeat(4000))
    await once(sent, 'socket')
    await new Promise((resolve) => setTimeout(resolve, 50))
    sent.destroy()
    let status = await lab.request('GET', location)
    for (let tries = 0; tries < 100 && status.headers.get('range') === '0-0'; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 20))
      status = await lab.request('GET', location)
    }
    assert.equal(status.headers.get('range'), '0-3999')
    const more = await patch(lab, locationOf(status), 'y'.repeat(6000), '4000-9999')
    const digest = digestOf(`${'x'.repeat(4000)}${'y'.repeat(6000)}`)
    assert.equal((await put(lab, locationOf(more), digest)).status, 201)
  })

  it('B-71: a blob that is not admitted is 403 and its bytes are dropped', async () => {
    await using lab = await openRegistryLab({ deps: { admitsBlob: async (_namespace, size) => size <= 100 } })
    const location = locationOf(await start(lab))
    const big = Buffer.alloc(101, 1)
    const seen = await put(lab, location, digestOf(big), big)
    assert.equal(seen.status, 403)
    assert.deepEqual(errorCodes(seen), ['DENIED'])
    assert.equal((await lab.request('GET', location)).status, 404)
    const posted = await lab.request('POST', `${uploads}?digest=${digestOf(big)}`, { body: big })
    assert.equal(posted.status, 403)
    const small = Buffer.alloc(100, 1)
    assert.equal((await put(lab, locationOf(await start(lab)), digestOf(small), small)).status, 201)
  })
})

describe('mounts', () => {
  it('A-33: from a repository that the caller may pull (r352)', async () => {
    await using lab = await openRegistryLab()
    const { digest } = await pushBlob(lab, 'demo/app', randomBytes(50), 'x')
    const seen = await lab.request('POST', `/v2/other/copy/blobs/uploads/?mount=${digest}&from=demo/app`)
    assert.equal(seen.status, 201)
    assert.equal(seen.headers.get('docker-content-digest'), digest)
    assert.equal(seen.headers.get('location'), `${lab.url}/v2/other/copy/blobs/${digest}`)
    assert.equal((await lab.request('HEAD', `/v2/other/copy/blobs/${digest}`)).status, 200)
    const again = await lab.request('POST', `/v2/other/copy/blobs/uploads/?mount=${digest}&from=demo/app`)
    assert.equal(again.status, 201)
  })

  it('A-33: from a stream that an image was only tagged into', async () => {
    await using lab = await openRegistryLab()
    const image = await pushImage(lab, 'demo/app', 'v1')
    await importImage(lab, 'other/tagged', 'v1', image)
    const { digest } = image.layers[0] as { digest: string }
    const seen = await lab.request('POST', `/v2/other/copy/blobs/uploads/?mount=${digest}&from=other/tagged`)
    assert.equal(seen.status, 201)
  })

  it('threat 10: everything else is an ordinary session: not there, not permitted, malformed', async () => {
    await using lab = await openRegistryLab()
    const { digest } = await pushBlob(lab, 'demo/app', randomBytes(50), 'x')
    const cases: [string, string][] = [
      ['mallory', `mount=${digest}&from=demo/app`],
      ['mallory', `mount=${digest}`],
      ['alice', `mount=${digestOf('nothing')}&from=demo/app`],
      ['alice', `mount=${digest}&from=other/nothing`],
      ['alice', `mount=${digest}&from=../../etc`],
      ['alice', 'mount=sha256:zz&from=demo/app'],
      ['alice', `mount=${digest}&from=`],
    ]
    lab.grants.push({
      user: 'mallory',
      verbs: ['get', 'update'],
      resource: 'imagestreams/layers',
      namespace: 'other',
    })
    for (const [as, query] of cases) {
      const seen = await lab.request('POST', `/v2/other/copy/blobs/uploads/?${query}`, { as })
      assert.equal(seen.status, 202, `${as} ${query}`)
      assert.ok(seen.headers.get('location'))
      assert.equal((await lab.request('HEAD', `/v2/other/copy/blobs/${digest}`, { as })).status, 404)
    }
  })

  it('A-34: without a source, from whatever the caller may pull, also after a restart', async () => {
    await using lab = await openRegistryLab()
    const { digest } = await pushBlob(lab, 'demo/app', randomBytes(50), 'x')
    await pushBlob(lab, 'bob/secret', Buffer.from('secret'), 'x', 'bob')
    assert.equal((await lab.request('POST', `/v2/other/copy/blobs/uploads/?mount=${digest}`)).status, 201)
    const secret = `/v2/other/copy/blobs/uploads/?mount=${digestOf('secret')}`
    assert.equal((await lab.request('POST', secret)).status, 202)
    const { entries } = await lab.store.list(`registry/holders/${digest}/`)
    assert.deepEqual(
      entries.map(({ key }) => key),
      [`registry/holders/${digest}/demo/app`, `registry/holders/${digest}/other/copy`],
    )
  })
})
