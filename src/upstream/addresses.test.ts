import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { AddressPolicy, Zone } from './addresses.ts'
import { defaultAddressPolicy, reachableZone } from './addresses.ts'

describe('reachableZone()', () => {
  const table: [string, Zone | undefined][] = [
    ['8.8.8.8', 'public'],
    ['2606:4700::1', 'public'],
    ['10.1.2.3', 'private'],
    ['172.31.0.1', 'private'],
    ['192.168.1.1', 'private'],
    ['100.64.0.1', 'private'],
    ['192.0.2.2', 'private'],
    ['198.18.0.1', 'private'],
    ['2001:db8::1', 'private'],
    ['fd12::1', 'private'],
    ['127.0.0.1', 'loopback'],
    ['127.8.8.8', 'loopback'],
    ['::1', 'loopback'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['::ffff:10.0.0.1', 'private'],
    ['64:ff9b::10.0.0.1', 'private'],
    ['64:ff9b::169.254.169.254', undefined],
    ['169.254.169.254', undefined],
    ['::ffff:169.254.169.254', undefined],
    ['::169.254.169.254', undefined],
    ['2002:a9fe:a9fe::1', undefined],
    ['fe80::1', undefined],
    ['fe80::1%eth0', undefined],
    ['100.100.100.200', undefined],
    ['168.63.129.16', undefined],
    ['fd00:ec2::254', undefined],
    ['0.0.0.0', undefined],
    ['::', undefined],
    ['255.255.255.255', undefined],
    ['224.0.0.1', undefined],
    ['ff02::1', undefined],
    ['240.0.0.1', undefined],
    ['', undefined],
    ['localhost', undefined],
  ]
  for (const [address, zone] of table) {
    it(`${address || 'nothing'} is ${zone ?? 'not to be reached'}`, () => {
      assert.equal(reachableZone(address, 'loopback', defaultAddressPolicy), zone)
    })
  }

  it('goes no further in than asked, nor than the policy allows', () => {
    const inner = (reach: Zone, policy: Partial<AddressPolicy> = {}) =>
      ['8.8.8.8', '10.0.0.1', '127.0.0.1'].filter(
        (address) => reachableZone(address, reach, { ...defaultAddressPolicy, ...policy }) !== undefined,
      ).length
    assert.deepEqual([inner('public'), inner('private'), inner('loopback')], [1, 2, 3])
    assert.equal(inner('loopback', { innermost: 'private' }), 2)
    assert.equal(inner('public', { allowed: ['10.0.0.0/8'] }), 2)
    assert.equal(inner('loopback', { refused: ['8.0.0.0/8', '127.0.0.0/8'] }), 1)
  })
})
