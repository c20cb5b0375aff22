import type { LookupAddress, LookupOptions } from 'node:dns'
import { lookup as systemLookup } from 'node:dns'
import { isIP } from 'node:net'
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls'
import type { Agent, buildConnector, Dispatcher } from 'undici'
import type { AddressPolicy, Zone } from './addresses.ts'
import { reachableZone } from './addresses.ts'
import { UpstreamError } from './errors.ts'
import type { Limits } from './limits.ts'
import { loadWebClient } from './web-client.ts'

/** Node's `dns.lookup` with `all: true`. */
export type Lookup = (
  hostname: string,
  options: LookupOptions & { all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

export interface DispatcherSettings {
  policy: AddressPolicy
  /** PEM texts, trusted besides the system's store. */
  extraCAs: readonly string[]
  limits: Limits
  lookup?: Lookup
}

/**
 * Connections by what they may do. A connection of one reach or trust is never reused for another, so the check made
 * when the socket was opened holds for every request that it carries.
 */
export interface Dispatchers extends AsyncDisposable {
  /** `insecure`: certificates are not verified. */
  get(insecure: boolean, reach: Zone): Promise<Dispatcher>
  /** Where the last connection to the origin led; undefined before the first. */
  zoneOf(origin: string): Zone | undefined
}

export function createDispatchers(settings: DispatcherSettings): Dispatchers {
  const agents = new Map<string, Agent>()
  const seen = new Map<string, Zone>()
  let trust: SecureContext | undefined
  // What is wrong with a configured certificate comes out now; to read the system's takes a while, and can wait.
  if (settings.extraCAs.length > 0) createSecureContext({ ca: [...settings.extraCAs] })
  const trusted = () => {
    trust ??= createSecureContext({ ca: trustedCertificates(settings.extraCAs) })
    return trust
  }
  const create = (client: WebClient, insecure: boolean, reach: Zone) =>
    new client.Agent({
      connect: createConnector(
        client,
        settings,
        reach,
        seen,
        insecure ? { rejectUnauthorized: false } : { secureContext: trusted() },
      ),
      connections: settings.limits.concurrency + settings.limits.streams,
      pipelining: 1,
    })
  return {
    async get(insecure, reach) {
      const client = await loadWebClient()
      const key = `${insecure}/${reach}`
      const agent = agents.get(key) ?? create(client, insecure, reach)
      agents.set(key, agent)
      return agent
    },
    zoneOf: (origin) => seen.get(origin),
    async [Symbol.asyncDispose]() {
      await Promise.all([...agents.values()].map((agent) => agent.destroy()))
    },
  }
}

/** import.md §5: the system's pool, always, and what was configured. */
function trustedCertificates(extra: readonly string[]): string[] {
  return [...new Set([...getCACertificates('default'), ...getCACertificates('system'), ...extra])]
}

type WebClient = Awaited<ReturnType<typeof loadWebClient>>
type Trust = { rejectUnauthorized: false } | { secureContext: SecureContext }

function createConnector(
  client: WebClient,
  { policy, limits, lookup = systemLookup }: DispatcherSettings,
  reach: Zone,
  seen: Map<string, Zone>,
  trust: Trust,
): buildConnector.connector {
  const connect = client.buildConnector({
    ...trust,
    timeout: limits.connectTimeout,
    // A cached TLS session would be shared by all ports of a host.
    maxCachedSessions: 0,
    lookup: guardedLookup(lookup, reach, policy),
  })
  return (options, callback) => {
    const host = options.hostname.replace(/^\[|\]$/g, '')
    if (isIP(host) !== 0 && reachableZone(host, reach, policy) === undefined) {
      return callback(forbiddenAddress(host), null)
    }
    connect(options, (...result) => {
      const [error, socket] = result
      if (error !== null) return callback(error, null)
      const zone = reachableZone(socket.remoteAddress ?? '', reach, policy)
      if (zone === undefined) {
        socket.destroy()
        return callback(forbiddenAddress(socket.remoteAddress ?? host), null)
      }
      remember(seen, `${options.protocol}//${options.host ?? options.hostname}`, zone)
      callback(null, socket)
    })
  }
}

const mostOrigins = 10_000

function remember(seen: Map<string, Zone>, origin: string, zone: Zone): void {
  if (seen.size >= mostOrigins) seen.clear()
  seen.set(origin, zone)
}

/** Leaves only addresses that may be contacted, so that nothing is sent to the others, not even a SYN. */
function guardedLookup(lookup: Lookup, reach: Zone, policy: AddressPolicy) {
  return (
    hostname: string,
    options: LookupOptions,
    callback: (
      error: NodeJS.ErrnoException | null,
      address: string | LookupAddress[],
      family?: number,
    ) => void,
  ): void => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, [])
      const allowed = addresses.filter(({ address }) => reachableZone(address, reach, policy) !== undefined)
      const first = allowed[0]
      if (first === undefined) return callback(forbiddenAddress(hostname), [])
      if (options.all) return callback(null, allowed)
      callback(null, first.address, first.family)
    })
  }
}

function forbiddenAddress(host: string): UpstreamError {
  return new UpstreamError('forbidden-target', `dial tcp: ${host}: address not allowed`)
}
