import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openRegistryLab } from './registry-lab.ts'
import { clientAddress, trustNetworks, wrongNetwork } from './trusted-proxies.ts'

describe('trustNetworks()', () => {
  const trusts = trustNetworks(['10.0.0.0/8', '192.0.2.7', 'fd00::/8', '::1'])
  const cases: [string, boolean][] = [
    ['10.1.2.3', true],
    ['::ffff:10.1.2.3', true],
    ['11.1.2.3', false],
    ['192.0.2.7', true],
    ['192.0.2.8', false],
    ['fd12::1', true],
    ['::1', true],
    ['127.0.0.1', false],
    ['', false],
    ['proxy.test', false],
  ]
  for (const [address, expected] of cases) {
    it(`${address || 'no address'}: ${expected}`, () => assert.equal(trusts(address), expected))
  }

  it('trusts nobody when nobody is named', () => {
    for (const address of ['127.0.0.1', '::1', '10.0.0.1']) assert.equal(trustNetworks([])(address), false)
  })

  it('wrongNetwork() names what is neither an address nor a network', () => {
    assert.equal(wrongNetwork(['10.0.0.0/8', '::1', '0.0.0.0/0', '::/0']), undefined)
    for (const wrong of ['proxy.test', '10.0.0.0/33', '10.0.0/', 'all', '1.2.3.4/x']) {
      assert.equal(wrongNetwork(['10.0.0.0/8', wrong]), wrong)
    }
  })
})

describe('clientAddress() (threat 13: forwarded headers)', () => {
  const trusts = trustNetworks(['10.0.0.0/8', '::1'])
  const cases: [what: string, peer: string, headers: Record<string, string>, expected: string][] = [
    [
      'a peer without trust speaks for itself only',
      '192.0.2.1',
      { 'x-forwarded-for': '8.8.8.8' },
      '192.0.2.1',
    ],
    ['a proxy tells of its client', '10.0.0.1', { 'x-forwarded-for': '192.0.2.1' }, '192.0.2.1'],
    [
      'what the client wrote itself is left of it',
      '10.0.0.1',
      { 'x-forwarded-for': '8.8.8.8, 192.0.2.1' },
      '192.0.2.1',
    ],
    ['over several proxies', '10.0.0.1', { 'x-forwarded-for': '8.8.8.8, 192.0.2.1, 10.0.0.2' }, '192.0.2.1'],
    [
      'to the innermost, when all are trusted',
      '10.0.0.1',
      { 'x-forwarded-for': '10.0.0.3,10.0.0.2' },
      '10.0.0.3',
    ],
    ['no header', '10.0.0.1', {}, '10.0.0.1'],
    ['no address', '10.0.0.1', { 'x-forwarded-for': '192.0.2.1, <script>' }, '10.0.0.1'],
    ['with a port', '10.0.0.1', { 'x-forwarded-for': '192.0.2.1:4711' }, '192.0.2.1'],
    [
      'Forwarded counts first',
      '::1',
      { forwarded: 'for=8.8.8.8;proto=http, for="[2001:db8::1]:99";host=x', 'x-forwarded-for': '1.1.1.1' },
      '2001:db8::1',
    ],
    ['Forwarded with a hidden client', '::1', { forwarded: 'for=_hidden' }, '::1'],
  ]
  for (const [what, peer, headers, expected] of cases) {
    it(what, () => assert.equal(clientAddress(peer, headers, trusts), expected))
  }
})

describe('threat 13: forwarded headers count from trusted proxies alone', () => {
  const headers = {
    'x-forwarded-host': 'registry.example:443',
    'x-forwarded-proto': 'https',
    'x-forwarded-for': '203.0.113.9',
  }

  it('from nobody by default', async () => {
    await using lab = await openRegistryLab({ config: { accessLog: true } })
    const refused = await lab.request('GET', '/v2/', { as: '', headers })
    assert.equal(refused.headers.get('www-authenticate'), `Bearer realm="${lab.url}/openshift/token"`)
    const started = await lab.request('POST', '/v2/demo/app/blobs/uploads/', { headers })
    assert.ok(started.headers.get('location')?.startsWith(`${lab.url}/v2/`))
    assert.match(lab.logged(), /"remote":"127\.0\.0\.1"/)
    assert.doesNotMatch(lab.logged(), /203\.0\.113\.9/)
  })

  it('from the proxies that are named: Location, token realm, client address', async () => {
    const addresses: string[] = []
    await using lab = await openRegistryLab({
      config: { accessLog: true, trustsForwarded: trustNetworks(['127.0.0.0/8']) },
      deps: {
        logIn: async (_user, _password, address) => {
          addresses.push(address)
          return undefined
        },
      },
    })
    const refused = await lab.request('GET', '/v2/', { as: '', headers })
    assert.equal(
      refused.headers.get('www-authenticate'),
      'Bearer realm="https://registry.example:443/openshift/token"',
    )
    const started = await lab.request('POST', '/v2/demo/app/blobs/uploads/', { headers })
    assert.ok(started.headers.get('location')?.startsWith('https://registry.example:443/v2/demo/app/'))
    assert.match(lab.logged(), /"remote":"203\.0\.113\.9"/)
    const authorization = `Basic ${Buffer.from('alice:wrong').toString('base64')}`
    await lab.request('GET', '/openshift/token', { as: '', headers: { ...headers, authorization } })
    assert.deepEqual(addresses, ['203.0.113.9'])
  })
})
