import assert from 'node:assert/strict'
import { it } from 'node:test'
import { parseSchema1, schema1Payload } from './schema1.ts'

const [a, b] = [`sha256:${'a'.repeat(64)}`, `sha256:${'b'.repeat(64)}`]
const unsigned = {
  schemaVersion: 1,
  name: 'library/app',
  tag: 'v1',
  architecture: 'amd64',
  fsLayers: [{ blobSum: b }, { blobSum: a }],
  history: [
    { v1Compatibility: '{"id":"top","Size":7,"config":{"Cmd":["x"]}}' },
    { v1Compatibility: '{"id":"base","Size":3}' },
  ],
}

it('puts the base layer first and takes the image from the newest entry', () => {
  const parsed = parseSchema1(JSON.stringify(unsigned))
  assert.ok(typeof parsed !== 'string')
  assert.deepEqual(parsed.layers, [
    { digest: a, size: 3 },
    { digest: b, size: 7 },
  ])
  assert.equal(parsed.image.id, 'top')
})

it('says what is wrong', () => {
  assert.equal(parseSchema1('{}'), 'schemaVersion must be 1')
  assert.equal(parseSchema1(JSON.stringify({ ...unsigned, fsLayers: [] })), 'no layers in manifest')
  assert.equal(
    parseSchema1(JSON.stringify({ ...unsigned, history: [{}, {}] })),
    'history[0] has no v1Compatibility',
  )
})

it('takes the signatures out of a signed manifest', () => {
  const payload = JSON.stringify(unsigned, null, 3)
  const cut = payload.lastIndexOf('\n}')
  const encode = (text: string): string => Buffer.from(text).toString('base64url')
  const header = { formatLength: Buffer.byteLength(payload.slice(0, cut)), formatTail: encode('\n}') }
  const signature = { protected: encode(JSON.stringify(header)), signature: 'x' }
  const signed = `${payload.slice(0, cut)},\n   "signatures": ${JSON.stringify([signature])}\n}`
  assert.equal(schema1Payload(signed), payload)
  assert.equal(schema1Payload(payload), payload)
  assert.equal(schema1Payload(JSON.stringify({ ...unsigned, signatures: [{}] })), undefined)
})
