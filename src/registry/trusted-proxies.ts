import type { IncomingHttpHeaders } from 'node:http'
import ipaddr from 'ipaddr.js'
import { forwardedFields } from './request-origin.ts'

/** Whether the peer with this address may speak for its clients in `Forwarded` and `X-Forwarded-*` (threats.md row 13). */
export type TrustsForwarded = (address: string) => boolean

type Network = readonly [ipaddr.IPv4 | ipaddr.IPv6, number]

/** `10.0.0.0/8` or one address; undefined for anything else. */
function parseNetwork(text: string): Network | undefined {
  if (ipaddr.isValid(text)) {
    const address = ipaddr.process(text)
    return [address, address.kind() === 'ipv4' ? 32 : 128]
  }
  try {
    return ipaddr.parseCIDR(text)
  } catch {
    return undefined
  }
}

/** The first of the texts that names neither an address nor a network. */
export function wrongNetwork(texts: readonly string[]): string | undefined {
  return texts.find((text) => parseNetwork(text) === undefined)
}

/** Trusts the peers in these networks, which {@link wrongNetwork} found nothing wrong with. */
export function trustNetworks(texts: readonly string[]): TrustsForwarded {
  const networks = texts.map(parseNetwork).filter((network) => network !== undefined)
  return (text) => {
    if (networks.length === 0 || !ipaddr.isValid(text)) return false
    const address = ipaddr.process(text)
    return networks.some(
      ([network, bits]) => network.kind() === address.kind() && address.match(network as ipaddr.IPv4, bits),
    )
  }
}

/** `1.2.3.4:5`, `[::1]:5` or either without a port, as proxies write them; undefined for names and `unknown`. */
function addressIn(text: string): string | undefined {
  const bare =
    /^\[(.+)\](?::\d+)?$/.exec(text)?.[1] ?? (/^[\d.]+:\d+$/.test(text) ? text.split(':')[0] : text)
  return bare !== undefined && ipaddr.isValid(bare) ? bare : undefined
}

/**
 * Who really asks: the peer, or whoever the nearest trusted proxy had as its peer, and so on. What stands further left was
 * written by nobody we trust. `Forwarded` counts before `X-Forwarded-For`.
 */
export function clientAddress(peer: string, headers: IncomingHttpHeaders, trusts: TrustsForwarded): string {
  if (!trusts(peer)) return peer
  const { forwarded } = headers
  const named = forwarded === undefined ? undefined : forwardedFields(forwarded, 'for')
  const list = headers['x-forwarded-for']
  const chain = named ?? (Array.isArray(list) ? list.join(',') : (list ?? '')).split(',')
  let client = peer
  for (const text of chain.toReversed()) {
    const address = addressIn(text.trim())
    if (address === undefined) break
    client = address
    if (!trusts(address)) break
  }
  return client
}
