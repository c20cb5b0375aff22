import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { openLab } from './open-lab.ts'

const maps = '/api/v1/namespaces/demo/configmaps'
const zipped = { 'accept-encoding': 'gzip' }

describe('large answers of the API', () => {
  it('are compressed for who takes it, small ones never', async () => {
    await using lab = await openLab()
    await lab.project('demo')
    for (const name of ['one', 'two']) {
      const body = { metadata: { name }, data: { text: name.repeat(40_000) } }
      assert.equal((await lab.call('POST', maps, { body })).status, 201)
    }
    const plain = await lab.call('GET', maps)
    assert.equal(plain.headers['content-encoding'], undefined)
    const packed = await lab.call('GET', maps, { headers: zipped })
    assert.equal(packed.headers['content-encoding'], 'gzip')
    assert.match(String(packed.headers.vary), /Accept-Encoding/)
    assert(packed.bytes.length < plain.bytes.length / 10)
    // The list's own revision goes on with what the controllers write; nothing else does.
    const unpacked = JSON.parse(gunzipSync(packed.bytes).toString())
    assert.deepEqual({ ...unpacked, metadata: {} }, { ...plain.json<object>(), metadata: {} })
    const small = await lab.call('GET', `${maps}?limit=1&fieldSelector=metadata.name%3Dnone`, {
      headers: zipped,
    })
    assert.equal(small.headers['content-encoding'], undefined)
  })

  it('of OpenAPI are compressed, keep their ETag and answer 304 to it', async () => {
    await using lab = await openLab()
    const plain = await lab.call('GET', '/openapi/v2')
    const packed = await lab.call('GET', '/openapi/v2', { headers: zipped })
    assert.equal(packed.headers['content-encoding'], 'gzip')
    assert.deepEqual(gunzipSync(packed.bytes), plain.bytes)
    assert.equal(packed.headers.etag, plain.headers.etag)
    const again = await lab.call('GET', '/openapi/v2', {
      headers: { ...zipped, 'if-none-match': String(packed.headers.etag) },
    })
    assert.deepEqual([again.status, again.bytes.length], [304, 0])
  })
})
