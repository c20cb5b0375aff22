import assert from 'node:assert/strict'
import type { IncomingHttpHeaders } from 'node:http'
import { describe, it } from 'node:test'
import { locationBase, realmBase } from './request-origin.ts'

const facts = (headers: IncomingHttpHeaders, isTls = false, isTrusted = true) => ({
  headers,
  isTls,
  isTrusted,
})
const absolute = { host: undefined, relativeUrls: false }

describe('locationBase (A-13)', () => {
  it('prefers the configured host, then Forwarded, then X-Forwarded-*, then the request', () => {
    const forwarded = 'proto=https;host=out.test, for=10.0.0.1'
    const headers = {
      host: 'in:5000',
      forwarded,
      'x-forwarded-proto': 'http, https',
      'x-forwarded-host': 'x.test:81, y',
    }
    assert.equal(
      locationBase(facts(headers), { host: 'https://reg.test/', relativeUrls: true }),
      'https://reg.test',
    )
    assert.equal(locationBase(facts(headers), absolute), 'https://out.test')
    const { forwarded: _dropped, ...rest } = headers
    assert.equal(locationBase(facts(rest), absolute), 'http://x.test:81')
    assert.equal(locationBase(facts({ host: 'in:5000' }), absolute), 'http://in:5000')
    assert.equal(locationBase(facts({ host: 'in:5000' }, true), absolute), 'https://in:5000')
    assert.equal(locationBase(facts({ host: '[::1]:5000' }), absolute), 'http://[::1]:5000')
  })

  it('is empty for relative URLs', () => {
    assert.equal(locationBase(facts({ host: 'a' }), { host: undefined, relativeUrls: true }), '')
  })

  it('threat 13: forwarded headers of a peer without trust count for nothing', () => {
    const headers = {
      host: 'in:5000',
      'x-forwarded-host': 'evil.test',
      forwarded: 'host=evil.test;proto=https',
    }
    assert.equal(locationBase(facts(headers, false, false), absolute), 'http://in:5000')
    assert.equal(realmBase(facts(headers, false, false), {}), 'http://in:5000')
  })

  it('never repeats what is no host or scheme', () => {
    for (const evil of ['a"b', 'a b', 'user@host', 'host/path', 'a?b', 'x\ty', '<a>', '']) {
      const headers = { host: 'in:5000', 'x-forwarded-host': evil, 'x-forwarded-proto': 'javascript' }
      assert.equal(locationBase(facts(headers), absolute), 'http://in:5000')
      assert.equal(realmBase(facts(headers), {}), 'http://in:5000')
    }
    assert.equal(locationBase(facts({ host: 'a"b' }), absolute), '')
  })
})

describe('realmBase (B-14)', () => {
  const cases: [IncomingHttpHeaders, boolean, string][] = [
    [{ host: 'reg.test:5000' }, false, 'http://reg.test:5000'],
    [{ host: 'reg.test:5000' }, true, 'https://reg.test:5000'],
    [{ host: 'reg.test:443' }, false, 'https://reg.test:443'],
    [{ host: 'reg.test' }, false, 'http://reg.test'],
    [{ host: 'a', 'x-forwarded-host': 'reg.test, b' }, false, 'http://reg.test'],
    [{ host: 'a', 'x-forwarded-host': 'reg.test', 'x-forwarded-port': '443' }, false, 'https://reg.test'],
    [
      { host: 'a', 'x-forwarded-host': 'reg.test:1', 'x-forwarded-port': '8443' },
      true,
      'https://reg.test:8443',
    ],
    [{ host: 'a', 'x-forwarded-host': 'reg.test', 'x-forwarded-port': '80' }, false, 'http://reg.test'],
    [{ host: 'a:5000', 'x-forwarded-proto': 'https' }, false, 'https://a:5000'],
  ]
  for (const [headers, isTls, expected] of cases) {
    it(JSON.stringify(headers), () => assert.equal(realmBase(facts(headers, isTls), {}), expected))
  }

  it('takes configured parts first', () => {
    const seen = facts({ host: 'in:5000' })
    assert.equal(realmBase(seen, { scheme: 'https', host: 'auth.test' }), 'https://auth.test')
    assert.equal(realmBase(seen, { host: 'auth.test' }), 'http://auth.test')
    assert.equal(realmBase(seen, { scheme: 'https' }), 'https://in:5000')
  })
})
