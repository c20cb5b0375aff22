import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { describe, it } from 'node:test'
import { limitRanges } from '../../src/api/index.ts'
import { type Lab, openLab } from '../lab/open-lab.ts'
import { digestOf, randomImage } from '../lab/random-image.ts'
import { importFrom, openImageServer } from './image-server.ts'

/** `registry.enforceBlobLimits` (registry.md B-71): by way of LimitRange objects, on every way that a blob comes in. */

const limit = 10 * 1024
const settings = 'registry: {enforceBlobLimits: true}\n'
const large = randomBytes(limit + 1)
const fitting = randomBytes(limit)

/** demo takes blobs of 10 KiB at most; free takes any. */
async function openLimited(config = settings) {
  const lab = await openLab({ config })
  await lab.project('demo')
  await lab.project('free')
  await limitTo(lab, '10Ki')
  return lab
}

async function limitTo(lab: Lab, storage: string): Promise<void> {
  await lab.client.create(limitRanges, 'demo', {
    metadata: { name: `images-${storage.toLowerCase()}`, namespace: 'demo' },
    spec: { limits: [{ type: 'openshift.io/Image', max: { storage } }] },
  } as never)
}

const uploads = (repository: string): string => `/v2/${repository}/blobs/uploads/`
const pathOf = (location: unknown): string => {
  const { pathname, search } = new URL(String(location), 'http://unused')
  return pathname + search
}
const octets = { 'content-type': 'application/octet-stream' }

/** POST, the body in PATCHes of 4,000 bytes, PUT. */
async function uploadChunks(lab: Lab, repository: string, bytes: Buffer, isCounted: boolean) {
  let { headers } = await lab.pull('POST', uploads(repository))
  for (let at = 0; at < bytes.length; at += 4000) {
    const body = bytes.subarray(at, at + 4000)
    const range = { 'content-range': `${at}-${at + body.length - 1}` }
    const sent = { headers: { ...octets, ...(isCounted ? range : {}) }, body }
    ;({ headers } = await lab.pull('PATCH', pathOf(headers.location), sent))
  }
  const session = pathOf(headers.location)
  return { session, answer: await lab.pull('PUT', `${session}&digest=${digestOf(bytes)}`) }
}

async function assertRefused(lab: Lab, repository: string, answer: { status: number; text: string }) {
  assert.equal(answer.status, 403, answer.text)
  assert.match(answer.text, /"code":"DENIED"/)
  const seen = await lab.pull('HEAD', `/v2/${repository}/blobs/${digestOf(large)}`)
  assert.equal(seen.status, 404)
}

describe('registry.enforceBlobLimits', () => {
  it('monolithic, with a length or without', async () => {
    await using lab = await openLimited()
    const path = (bytes: Buffer) => `${uploads('demo/app')}?digest=${digestOf(bytes)}`
    await assertRefused(
      lab,
      'demo/app',
      await lab.pull('POST', path(large), { body: large, headers: octets }),
    )
    const streamed = await lab.registry.inject({
      method: 'POST',
      url: path(large),
      headers: { authorization: 'Bearer alice-token', 'transfer-encoding': 'chunked', ...octets },
      payload: Readable.from([large.subarray(0, 5000), large.subarray(5000)]),
    })
    await assertRefused(lab, 'demo/app', { status: streamed.statusCode, text: streamed.body })
    assert.equal(await lab.blobs.stat(digestOf(large) as never), undefined)
    assert.equal((await lab.pull('POST', path(fitting), { body: fitting, headers: octets })).status, 201)
  })

  for (const isCounted of [true, false]) {
    it(`in chunks, ${isCounted ? 'counted' : 'as a stream'}: the session goes with its bytes`, async () => {
      await using lab = await openLimited()
      const refused = await uploadChunks(lab, 'demo/app', large, isCounted)
      await assertRefused(lab, 'demo/app', refused.answer)
      assert.equal((await lab.pull('GET', refused.session)).status, 404)
      assert.equal((await uploadChunks(lab, 'demo/app', fitting, isCounted)).answer.status, 201)
      assert.equal((await uploadChunks(lab, 'free/app', large, isCounted)).answer.status, 201)
    })
  }

  it('mounted: what does not fit is not mounted, and refused when it is uploaded instead', async () => {
    await using lab = await openLimited()
    for (const bytes of [large, fitting]) await uploadChunks(lab, 'free/app', bytes, false)
    const mount = (bytes: Buffer, from: string) =>
      lab.pull('POST', `${uploads('demo/app')}?mount=${digestOf(bytes)}${from}`)
    for (const from of ['&from=free/app', '']) {
      const session = await mount(large, from)
      assert.equal(session.status, 202)
      const put = `${pathOf(session.headers.location)}&digest=${digestOf(large)}`
      await assertRefused(lab, 'demo/app', await lab.pull('PUT', put, { body: large, headers: octets }))
    }
    assert.equal((await mount(fitting, '&from=free/app')).status, 201)
  })

  it('the smallest of several limits counts', async () => {
    await using lab = await openLab({ config: settings })
    await lab.project('demo')
    for (const size of ['1Gi', '10Ki', '20Ki']) await limitTo(lab, size)
    await assertRefused(lab, 'demo/app', (await uploadChunks(lab, 'demo/app', large, false)).answer)
  })

  it('content of other registries is not subject to it', async () => {
    const image = randomImage('elsewhere', { layerSize: limit * 2 })
    await using server = await openImageServer(image)
    await using lab = await openLimited()
    await importFrom(lab, server)
    for (const { digest, bytes } of image.layers) {
      const seen = await lab.pull('GET', `/v2/demo/app/blobs/${digest}`)
      assert.equal(seen.status, 200)
      assert.ok(seen.bytes.equals(bytes))
    }
  })

  it('nothing is refused while it is off', async () => {
    await using lab = await openLimited('')
    assert.equal((await uploadChunks(lab, 'demo/app', large, false)).answer.status, 201)
  })
})
