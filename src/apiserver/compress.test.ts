import assert from 'node:assert/strict'
import { buffer } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { acceptsGzip, gzipBody } from './compress.ts'

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
