import ipaddr from 'ipaddr.js'

/**
 * Which addresses may be connected to (threats 1 and 3). Names are never judged, only the address that the socket goes
 * to, whatever notation or DNS answer it came from.
 */

/** How far inside an address is. */
export type Zone = 'public' | 'private' | 'loopback'

/** What a caller may reach: this zone and those before it. */
export const zones: readonly Zone[] = ['public', 'private', 'loopback']

export interface AddressPolicy {
  /** The innermost zone that registries may be in. */
  innermost: Zone
  /** Whether a public or private registry may send us further in than it stands itself. */
  inwardAllowed: boolean
  /** CIDRs that are refused, besides those that always are. */
  refused: readonly string[]
  /** CIDRs that are allowed in spite of the zone; link-local and metadata addresses too, if named here. */
  allowed: readonly string[]
}

export const defaultAddressPolicy: AddressPolicy = {
  innermost: 'loopback',
  inwardAllowed: false,
  refused: [],
  allowed: [],
}

/** Cloud metadata services outside of the link-local ranges. */
const metadata = [
  '100.100.100.200/32',
  '168.63.129.16/32',
  '192.0.0.192/32',
  'fd00:ec2::254/128',
  'fd20:ce::254/128',
]

/** Set aside for examples and benchmarks, hence free for use inside a site. */
const insideSites = ['192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24', '198.18.0.0/15', '2001:db8::/32']

const loopbackRanges = new Set(['loopback'])
const privateRanges = new Set(['private', 'uniqueLocal', 'carrierGradeNat'])
const publicRanges = new Set(['unicast'])
/** Transition formats that carry an IPv4 address: judged by what they carry. Others are refused. */
const nat64 = new Set(['rfc6052'])

type Address = ipaddr.IPv4 | ipaddr.IPv6

/** IPv4 inside IPv6 comes out as IPv4. undefined for text that is no address. */
function parseAddress(text: string): Address | undefined {
  if (!ipaddr.isValid(text)) return undefined
  const address = ipaddr.process(text)
  if (address.kind() !== 'ipv6' || !nat64.has(address.range())) return address
  return ipaddr.fromByteArray(address.toByteArray().slice(12))
}

function isIn(address: Address, cidrs: readonly string[]): boolean {
  return cidrs.some((cidr) => {
    const [network, bits] = ipaddr.parseCIDR(cidr)
    return network.kind() === address.kind() && address.match(network as ipaddr.IPv4, bits)
  })
}

/** undefined: a kind of address that no registry has (link-local, multicast, unspecified, metadata, reserved, …). */
function naturalZone(address: Address): Zone | undefined {
  if (isIn(address, metadata)) return undefined
  const range = address.range()
  if (loopbackRanges.has(range)) return 'loopback'
  if (privateRanges.has(range) || isIn(address, insideSites)) return 'private'
  return publicRanges.has(range) ? 'public' : undefined
}

/**
 * The zone of the address, undefined when it may not be contacted by a caller who may reach `reach` at most. An address
 * that the policy allows by name counts as public: it is reachable from everywhere.
 */
export function reachableZone(text: string, reach: Zone, policy: AddressPolicy): Zone | undefined {
  const address = parseAddress(text)
  if (address === undefined || isIn(address, policy.refused)) return undefined
  if (isIn(address, policy.allowed)) return 'public'
  const zone = naturalZone(address)
  if (zone === undefined) return undefined
  const limit = Math.min(zones.indexOf(reach), zones.indexOf(policy.innermost))
  return zones.indexOf(zone) <= limit ? zone : undefined
}
