import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { PullSecret } from './credentials.ts'
import { createKeyring, joinKeyrings, matchesTarget, normaliseKey } from './credentials.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')

function json(name: string, auths: Record<string, object>): PullSecret {
  const data = { '.dockerconfigjson': base64(JSON.stringify({ auths })) }
  return { name, type: 'kubernetes.io/dockerconfigjson', data }
}

describe('normaliseKey()', () => {
  const table: [string, string][] = [
    ['https://index.docker.io/v1/', 'index.docker.io'],
    ['http://h:5000/v2/', 'h:5000'],
    ['https://h/v2/team/', 'h/team/'],
    ['quay.io/org', 'quay.io/org'],
    ['quay.io/', 'quay.io'],
    ['quay.io', 'quay.io'],
    ['h/v1', 'h'],
    ['h/v1x/y', 'h/v1x/y'],
  ]
  for (const [key, expected] of table)
    it(`${key} is ${expected}`, () => assert.equal(normaliseKey(key), expected))
})

describe('matchesTarget()', () => {
  const table: [string, string, boolean][] = [
    ['quay.io', 'quay.io/a/b', true],
    ['quay.io/org', 'quay.io/org/app', true],
    ['quay.io/org', 'quay.io/other/app', false],
    ['quay.io:443', 'quay.io/a', false],
    ['quay.io', 'quay.io:443/a', false],
    ['h:5000', 'h:5000/a', true],
    ['*.example.com', 'reg.example.com/a', true],
    ['*.example.com', 'a.b.example.com/a', false],
    ['*.example.com', 'example.com/a', false],
    ['r?g.example.com', 'reg.example.com/a', true],
    ['r[a-f]g.example.com', 'reg.example.com/a', true],
    ['r[^a-f]g.example.com', 'reg.example.com/a', false],
    ['r[.example.com', 'reg.example.com/a', false],
    ['docker.io', 'docker.io.evil.test/a', false],
    ['docker.io', 'evil-docker.io/a', false],
    ['docker.io', 'xdocker.io/a', false],
  ]
  for (const [key, target, expected] of table) {
    it(`${key} ${expected ? 'matches' : 'does not match'} ${target}`, () => {
      assert.equal(matchesTarget(key, target), expected)
    })
  }

  it('takes no time over patterns made to take long', () => {
    const label = fc.string({ unit: fc.constantFrom('*', 'a', '?', '[', ']', '-', '^'), maxLength: 60 })
    fc.assert(
      fc.property(
        label,
        (pattern) => typeof matchesTarget(`${pattern}b`, `${'a'.repeat(60)}/x`) === 'boolean',
      ),
    )
  })
})

describe('createKeyring()', () => {
  it('takes the longest path, then the first secret', () => {
    const keyring = createKeyring([
      json('one', { 'quay.io': { username: 'a', password: '1' } }),
      json('two', { 'quay.io': { username: 'b', password: '2' }, 'quay.io/org': { auth: base64('c:3:4') } }),
    ])
    assert.equal(keyring.find('quay.io/x/y')?.secret, 'one')
    const found = keyring.find('quay.io/org/app')
    assert.deepEqual([found?.secret, found?.username, found?.password], ['two', 'c', '3:4'])
  })

  it('reads dockercfg, unpadded auth, and lets auth win', () => {
    const entry = { username: 'x', password: 'y', auth: base64('me:pw').replace(/=+$/, '') }
    const data = { '.dockercfg': base64(JSON.stringify({ 'https://h/v1/': entry })) }
    const found = createKeyring([{ name: 'old', type: 'kubernetes.io/dockercfg', data }]).find('h/a')
    assert.deepEqual([found?.username, found?.password], ['me', 'pw'])
  })

  it('skips what is malformed or of another type, and says so without showing it', () => {
    const keyring = createKeyring([
      {
        name: 'broken',
        type: 'kubernetes.io/dockerconfigjson',
        data: { '.dockerconfigjson': base64('{canary') },
      },
      json('odd', { h: { auth: base64('canary-without-colon') }, good: { username: 'u', password: 'p' } }),
      { name: 'opaque', type: 'Opaque', data: { '.dockerconfigjson': base64('{}') } },
      { name: 'crossed', type: 'kubernetes.io/dockercfg', data: { '.dockerconfigjson': base64('{}') } },
      { name: 'empty', type: 'kubernetes.io/dockercfg', data: { '.dockercfg': base64('{}') } },
    ])
    assert.deepEqual(
      keyring.problems.map(({ secret }) => secret),
      ['broken', 'odd'],
    )
    assert.ok(!JSON.stringify(keyring.problems).includes('canary'))
    assert.equal(keyring.find('h/a'), undefined)
    assert.equal(keyring.find('good/a')?.secret, 'odd')
  })

  it('joined keyrings are asked in order', () => {
    const own = createKeyring([json('own', { 'a.test': { username: 'u', password: 'p' } })])
    const node = createKeyring([
      json('node', {
        'a.test': { username: 'n', password: 'p' },
        'b.test': { username: 'n', password: 'p' },
      }),
    ])
    const both = joinKeyrings(own, node)
    assert.equal(both.find('a.test/x')?.secret, 'own')
    assert.equal(both.find('b.test/x')?.secret, 'node')
  })
})
