import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { RealmPolicy } from './choose-credential.ts'
import { defaultRealmPolicy, planRealm, registryCredential } from './choose-credential.ts'
import { createKeyring } from './credentials.ts'

function keyring(...keys: string[]) {
  const auths = Object.fromEntries(keys.map((key) => [key, { username: key, password: 'p' }]))
  const data = { '.dockerconfigjson': Buffer.from(JSON.stringify({ auths })).toString('base64') }
  return createKeyring([{ name: 's', type: 'kubernetes.io/dockerconfigjson', data }])
}

describe('registryCredential()', () => {
  const table: [string, string[], string, 'https' | 'http', string | undefined][] = [
    ['plain host', ['quay.io'], 'quay.io', 'https', 'quay.io'],
    ['http on the default port wants :80 (U-53)', ['reg.test'], 'reg.test', 'http', undefined],
    ['http on the default port with :80', ['reg.test', 'reg.test:80'], 'reg.test', 'http', 'reg.test:80'],
    ['http with a port', ['reg.test:5000'], 'reg.test:5000', 'http', 'reg.test:5000'],
    ['https with :443 falls back to none', ['reg.test'], 'reg.test:443', 'https', 'reg.test'],
    [
      'https with :443, exact key first',
      ['reg.test', 'reg.test:443'],
      'reg.test:443',
      'https',
      'reg.test:443',
    ],
    ['no port is not 443', ['reg.test:443'], 'reg.test', 'https', undefined],
    ['the Hub by docker.io', ['docker.io', 'index.docker.io'], 'docker.io', 'https', 'docker.io'],
    [
      'the Hub by its old name',
      ['https://index.docker.io/v1/'],
      'registry-1.docker.io',
      'https',
      'index.docker.io',
    ],
    ['the Hub never by its v2 host', ['registry-1.docker.io'], 'docker.io', 'https', undefined],
  ]
  for (const [name, keys, registry, scheme, expected] of table) {
    it(name, () => {
      const found = registryCredential(
        keyring(...keys),
        { registry, name: 'team/app' },
        new URL(`${scheme}://x/`),
      )
      assert.equal(found?.key, expected)
    })
  }
})

describe('planRealm()', () => {
  const any: RealmPolicy = { ...defaultRealmPolicy, realms: 'any' }
  const trusting: RealmPolicy = { ...defaultRealmPolicy, trusted: { 'reg.test': ['login.test'] } }
  type Row = [string, string, string, boolean, string[], RealmPolicy, string | undefined]
  const table: Row[] = [
    [
      'the registry itself',
      'https://reg.test/',
      'https://reg.test/token',
      false,
      ['reg.test'],
      defaultRealmPolicy,
      'reg.test',
    ],
    [
      'Docker Hub',
      'https://registry-1.docker.io/',
      'https://auth.docker.io/token',
      false,
      ['index.docker.io'],
      defaultRealmPolicy,
      'index.docker.io',
    ],
    [
      'same site',
      'https://reg.example.com/',
      'https://sso.example.com/t',
      false,
      ['reg.example.com'],
      defaultRealmPolicy,
      'reg.example.com',
    ],
    [
      'same site, not verified',
      'https://reg.example.com/',
      'https://sso.example.com/t',
      true,
      ['reg.example.com'],
      defaultRealmPolicy,
      undefined,
    ],
    [
      'not a site: a public suffix',
      'https://reg.co.uk/',
      'https://evil.co.uk/t',
      false,
      ['reg.co.uk'],
      defaultRealmPolicy,
      undefined,
    ],
    [
      'not a site: two levels of suffix',
      'https://a.reg.co.uk/',
      'https://evil.co.uk/t',
      false,
      ['a.reg.co.uk'],
      defaultRealmPolicy,
      undefined,
    ],
    [
      'not a site: addresses',
      'https://10.1.2.3/',
      'https://9.1.2.3/t',
      false,
      ['10.1.2.3'],
      defaultRealmPolicy,
      undefined,
    ],
    [
      'a stranger',
      'https://reg.test/',
      'https://evil.test/t',
      false,
      ['reg.test'],
      defaultRealmPolicy,
      undefined,
    ],
    [
      'a lookalike',
      'https://reg.example.com/',
      'https://evilexample.com/t',
      false,
      ['reg.example.com'],
      defaultRealmPolicy,
      undefined,
    ],
    [
      'a stranger with a secret of its own',
      'https://reg.test/',
      'https://sso.test/t',
      false,
      ['reg.test', 'sso.test'],
      defaultRealmPolicy,
      'sso.test',
    ],
    [
      'a stranger that is named',
      'https://reg.test/',
      'https://login.test/t',
      false,
      ['reg.test'],
      trusting,
      'reg.test',
    ],
    ['any, verified', 'https://reg.test/', 'https://evil.test/t', false, ['reg.test'], any, 'reg.test'],
    ['any, not verified', 'https://reg.test/', 'https://evil.test/t', true, ['reg.test'], any, undefined],
    [
      'http, same name',
      'http://reg.test:5000/',
      'http://reg.test:5001/t',
      true,
      ['reg.test:5000'],
      defaultRealmPolicy,
      'reg.test:5000',
    ],
    [
      'http, other name',
      'http://reg.test:5000/',
      'http://sso.test:5001/t',
      true,
      ['reg.test:5000'],
      defaultRealmPolicy,
      undefined,
    ],
  ]
  for (const [name, registry, realm, insecure, keys, policy, expected] of table) {
    it(`${name}: ${expected ?? 'nothing'}`, () => {
      const ring = keyring(...keys)
      const endpoint = { url: new URL(registry), insecure }
      const decision = planRealm(new URL(realm), endpoint, ring.get(keys[0] ?? ''), ring, policy)
      assert.ok(decision.kind === 'ask')
      assert.equal(decision.credential?.key, expected)
    })
  }

  it('http is refused unless insecure is allowed, certificates of other hosts are always verified', () => {
    const ring = keyring('reg.test')
    const ask = (realm: string, insecure: boolean) =>
      planRealm(
        new URL(realm),
        { url: new URL('https://reg.test/'), insecure },
        undefined,
        ring,
        defaultRealmPolicy,
      )
    assert.equal(ask('http://reg.test/t', false).kind, 'refuse')
    assert.deepEqual(ask('https://reg.test:8443/t', true), {
      kind: 'ask',
      credential: undefined,
      insecure: true,
    })
    assert.deepEqual(ask('https://sso.test/t', true), { kind: 'ask', credential: undefined, insecure: false })
  })
})
