import assert from 'node:assert/strict'
import { buffer } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { acceptsGzip, createZipFrame, gzipBody, zipPiece } from './compress.ts'

describe('acceptsGzip()', () => {
  const cases: [string | undefined, boolean][] = [
    [undefined, false],
    ['', false],
    ['gzip', true],
    ['deflate, gzip;q=0.5', true],
    ['GZIP', true],
    ['gzip;q=0', false],
    ['gzip;q=0.000', false],
    ['identity', false],
    ['x-gzipped', false],
  ]
  for (const [header, expected] of cases) {
    it(`says ${expected} of ${header ?? 'no header'}`, () => assert.equal(acceptsGzip(header), expected))
  }
})

describe('gzipBody()', () => {
  it('streams what decompresses to the body', async () => {
    const text = 'ä'.repeat(300_000)
    assert.equal(gunzipSync(await buffer(gzipBody(text))).toString(), text)
  })
})

describe('a frame of zipped pieces', () => {
  it('is a gzip file of all of them, whichever come again, in whatever order', async () => {
    const texts = ['', 'a', '{"items":[', 'ä'.repeat(100_000), ',{"metadata":{}}'.repeat(20_000), ']}\n']
    const pieces = await Promise.all(texts.map((text) => zipPiece(Buffer.from(text))))
    for (const order of [[], [0], [1, 1], [2, 4, 4, 3, 4, 0, 5], [5, 3, 2, 3]]) {
      const frame = createZipFrame()
      for (const at of order) frame.add(pieces[at]!)
      const file = Buffer.concat([frame.head, ...order.map((at) => pieces[at]!.bytes), frame.end()])
      assert.equal(gunzipSync(file).toString(), order.map((at) => texts[at]).join(''))
    }
  })
})
