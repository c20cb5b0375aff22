import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { base64Problem, decodeBase64, decodeBase64Url, encodeBase64, encodeBase64Url } from './base64.ts'

describe('base64', () => {
  it('agrees with the platform', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const buffer = Buffer.from(bytes)
        assert.equal(encodeBase64(bytes), buffer.toString('base64'))
        assert.equal(encodeBase64Url(bytes), buffer.toString('base64url'))
        assert.deepEqual(decodeBase64(encodeBase64(bytes)), bytes)
        assert.deepEqual(decodeBase64Url(encodeBase64Url(bytes)), bytes)
        assert.equal(base64Problem(encodeBase64(bytes)), undefined)
      }),
    )
  })

  it('says where text goes wrong', () => {
    assert.equal(base64Problem('YW Jj'), 2)
    assert.equal(base64Problem('YWJ'), 0)
    assert.equal(base64Problem('YWJj\nYWJj\n'), undefined)
    assert.equal(decodeBase64('a'), undefined)
    assert.equal(decodeBase64Url('a+b='), undefined)
  })
})
