import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { encodeBase64Url } from './base64.ts'
import { expiredContinueToken, formatContinueToken, parseContinueToken } from './continue-token.ts'

const encode = (text: string) => encodeBase64Url(new TextEncoder().encode(text))
const start = 'invalid continue token: continue key is not valid: '

describe('continue tokens', () => {
  it('have the form of Kubernetes', () => {
    const token = 'eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MTI0MSwic3RhcnQiOiIvYXBwXHUwMDAwIn0'
    assert.equal(formatContinueToken({ revision: 1241, after: 'app' }), token)
    assert.deepEqual(parseContinueToken(token), { revision: 1241, after: 'app' })
  })

  it('are refused with 400 when nobody gave them out', () => {
    const cases: [string, string][] = [
      ['zzz', "invalid character 'Ï' looking for beginning of value"],
      ['a*', 'illegal base64 data at input byte 1'],
      [encode('{}'), 'server does not recognize this encoded version ""'],
      [encode('{"v":"v0"}'), 'server does not recognize this encoded version "v0"'],
      [
        encode('{"v":"meta.k8s.io/v1","start":"/a\\u0000"}'),
        'incorrect encoded start resourceVersion (version meta.k8s.io/v1)',
      ],
      [encode('{"v":"meta.k8s.io/v1","rv":5}'), 'encoded start key empty (version meta.k8s.io/v1)'],
      [encode('{"v":"meta.k8s.io/v1","rv":5,"start":"/../x\\u0000"}'), '/../x\0'],
    ]
    for (const [token, message] of cases) {
      assert.throws(() => parseContinueToken(token), { code: 400, message: `${start}${message}` })
    }
  })

  it('expire with 410', () => {
    const error = expiredContinueToken(formatContinueToken({ revision: 7, after: 'demo/app' }))
    assert.deepEqual([error.code, error.reason], [410, 'Expired'])
    assert.deepEqual(parseContinueToken(error.toStatus().metadata.continue ?? ''), { after: 'demo/app' })
  })

  it('come back as they went', () => {
    const part = fc
      .string({ minLength: 1, unit: 'grapheme' })
      .filter((s) => !/[/\0]/.test(s) && s !== '.' && s !== '..')
    const after = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'))
    fc.assert(
      fc.property(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), after, (revision, key) => {
        const token = formatContinueToken({ revision, after: key })
        assert.match(token, /^[A-Za-z0-9_-]+$/)
        assert.deepEqual(parseContinueToken(token), { revision, after: key })
      }),
    )
  })
})
