import { lookup } from 'node:dns/promises'
import { type AddressPolicy, reachableZone } from '../upstream/index.ts'

export type Resolve = (host: string) => Promise<readonly string[]>

const systemResolve: Resolve = async (host) =>
  (await lookup(host, { all: true })).map(({ address }) => address)

/**
 * Rejects where any address of the host may not be contacted (threat 3). `own` are hosts that always may, with their ports: our
 * registry. A host without an answer is left to whoever connects.
 */
export function createHostCheck(
  policy: AddressPolicy,
  own: ReadonlySet<string>,
  resolve: Resolve = systemResolve,
): (host: string) => Promise<void> {
  return async (host) => {
    if (own.has(host)) return
    const name = host.replace(/:\d+$/, '').replace(/^\[|\]$/g, '')
    const addresses = await resolve(name).catch(() => [])
    const refused = addresses.find((address) => reachableZone(address, 'loopback', policy) === undefined)
    if (refused !== undefined) throw new Error(`${name}: address not allowed`)
  }
}
