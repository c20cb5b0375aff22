import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { toAnswerError } from './answer-error.ts'

const read = (status: number, body: string, headers: Record<string, string> = {}) => {
  const { kind, message, codes, retryAfterSeconds } = toAnswerError({
    status,
    statusText: 'Text',
    headers,
    body,
  })
  return { kind, message, codes, retryAfterSeconds }
}
const list = (...errors: object[]) => JSON.stringify({ errors })

describe('toAnswerError()', () => {
  const table: [string, number, string, Record<string, string>, string, string][] = [
    [
      'a code in words',
      404,
      list({ code: 'MANIFEST_UNKNOWN', message: 'manifest unknown' }),
      {},
      'not-found',
      'manifest unknown',
    ],
    [
      'the default message',
      403,
      list({ code: 'DENIED' }),
      {},
      'denied',
      'denied: requested access to the resource is denied',
    ],
    ['an unknown code', 400, list({ code: 'ODD_ONE' }), {}, 'bad-answer', 'odd one'],
    [
      'several: any that matches decides',
      404,
      list({ code: 'DENIED', message: 'no' }, { code: 'MANIFEST_UNKNOWN', message: 'gone' }),
      {},
      'not-found',
      'errors: denied: no; manifest unknown: gone',
    ],
    ['401 without words', 401, '<html>', {}, 'unauthorized', 'unauthorized: authentication required'],
    ['401 with other words', 401, list({ code: 'ODD' }), {}, 'unauthorized', 'odd'],
    [
      'Docker Hub’s token server',
      401,
      '{"details":"incorrect username or password"}',
      {},
      'wrong-password',
      'unauthorized: incorrect username or password',
    ],
    [
      'an invalid token',
      403,
      '',
      { 'www-authenticate': 'Bearer error="invalid_token"' },
      'unauthorized',
      'unauthorized: authentication required',
    ],
    [
      'too small a scope',
      401,
      '',
      { 'www-authenticate': 'Bearer error="insufficient_scope"' },
      'denied',
      'denied: requested access to the resource is denied',
    ],
    [
      'a status that is no registry’s',
      418,
      'teapot',
      {},
      'bad-answer',
      'error parsing HTTP 418 response body: invalid JSON',
    ],
    [
      'nothing at all',
      400,
      '',
      {},
      'bad-answer',
      'error parsing HTTP 400 response body: unexpected end of JSON input',
    ],
    [
      'JSON of another sort',
      400,
      '{"a":1}',
      {},
      'bad-answer',
      'error parsing HTTP 400 response body: no error details found in HTTP response body',
    ],
    [
      'a HEAD',
      404,
      '',
      {},
      'not-found',
      'error parsing HTTP 404 response body: unexpected end of JSON input',
    ],
    ['a server’s failure', 502, 'x', {}, 'server', 'received unexpected HTTP status: 502 Text'],
  ]
  for (const [name, status, body, headers, kind, message] of table) {
    it(name, () => {
      const error = read(status, body, headers)
      assert.deepEqual([error.kind, error.message], [kind, message])
    })
  }

  it('reads Retry-After in seconds', () => {
    assert.equal(read(429, '', { 'retry-after': '7' }).retryAfterSeconds, 7)
    assert.equal(read(429, '', { 'retry-after': 'soon' }).retryAfterSeconds, undefined)
  })

  it('puts messages of others on one short line, without control characters', () => {
    const { message } = read(400, list({ code: 'ODD', message: `a\n\u001b[31mb\u202ec${'x'.repeat(1000)}` }))
    assert.match(message, /^odd: a \[31mb cx+…$/)
    assert.ok(message.length < 300)
  })

  it('survives any body', () => {
    fc.assert(
      fc.property(fc.integer({ min: 400, max: 499 }), fc.oneof(fc.string(), fc.json()), (status, body) => {
        assert.ok(read(status, body).message.length < 2000)
      }),
    )
  })
})
