import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { digestOf, openRegistryLab } from './registry-lab.ts'
import { errorCodes, pushImage } from './test-images.ts'

const path = (digest: string, repository = 'demo/app') => `/extensions/v2/${repository}/signatures/${digest}`
const signature = (digest: string, fields: object = {}) =>
  JSON.stringify({ schemaVersion: 2, name: `${digest}@s1`, type: 'atomic', content: 'aGVsbG8=', ...fields })

describe('signatures (B-80, B-81)', () => {
  it('lists none, takes one, lists it, and takes it once (r370)', async () => {
    await using lab = await openRegistryLab()
    const { digest } = await pushImage(lab, 'demo/app', 'v1')
    const none = await lab.request('GET', path(digest))
    assert.equal(none.status, 200)
    assert.equal(none.text, '{"signatures":[]}')
    assert.equal(none.headers.get('content-type'), 'application/json; charset=utf-8')
    const put = () => lab.request('PUT', path(digest), { as: 'root', body: signature(digest) })
    const created = await put()
    assert.equal(created.status, 201, created.text)
    assert.equal(created.text, '')
    assert.equal(
      (await lab.request('GET', path(digest))).text,
      `{"signatures":[{"schemaVersion":2,"name":"${digest}@s1","type":"atomic","content":"aGVsbG8="}]}`,
    )
    const again = await put()
    assert.equal(again.status, 409)
    assert.deepEqual(errorCodes(again), ['SIGNATURE_EXISTS'])
  })

  it('refuses what is no signature for this image, with the reason as detail (r622)', async () => {
    await using lab = await openRegistryLab()
    const { digest } = await pushImage(lab, 'demo/app', 'v1')
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    const cases: [string, Record<string, string>, RegExp][] = [
      [signature(digest), form, /^unexpected end of JSON input$/],
      ['', {}, /^unexpected end of JSON input$/],
      ['{', {}, /JSON/],
      [signature(digest, { schemaVersion: 1 }), {}, /schemaVersion/],
      [signature(digest, { name: 'x' }), {}, /name/],
      [signature(digestOf('other')), {}, /not for this image/],
      [signature(digest, { content: '!' }), {}, /base64/],
    ]
    for (const [body, headers, reason] of cases) {
      const seen = await lab.request('PUT', path(digest), { as: 'root', body, headers })
      assert.equal(seen.status, 400)
      const [error] = (seen.json() as { errors: { code: string; message: string; detail: string }[] }).errors
      assert.equal(error?.code, 'SIGNATURE_INVALID')
      assert.equal(error?.message, 'invalid image signature')
      assert.match(error?.detail ?? '', reason)
    }
  })

  it('an image that the stream does not have is 404 without a body; rights come first', async () => {
    await using lab = await openRegistryLab()
    const { digest } = await pushImage(lab, 'demo/app', 'v1')
    for (const unknown of [path(digestOf('nothing')), path('sha256:zz'), path(digest, 'demo/none')]) {
      const seen = await lab.request('GET', unknown)
      assert.equal(seen.status, 404)
      assert.equal(seen.text, '')
    }
    assert.equal((await lab.request('GET', path(digest), { as: 'mallory' })).status, 401)
    assert.equal((await lab.request('PUT', path(digest), { as: 'bob', body: signature(digest) })).status, 401)
  })
})
