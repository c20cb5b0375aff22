import type { AddressPolicy } from './addresses.ts'
import { defaultAddressPolicy } from './addresses.ts'
import { fetchBlob, readWholeBlob, statBlob } from './blobs.ts'
import { createBudgets } from './budget.ts'
import type { RealmPolicy } from './choose-credential.ts'
import { defaultRealmPolicy } from './choose-credential.ts'
import type { Lookup } from './dispatchers.ts'
import { createDispatchers } from './dispatchers.ts'
import type { Clock, Log } from './environment.ts'
import { silentLog, systemClock } from './environment.ts'
import { createExchange, reachFrom } from './exchange.ts'
import type { Limits } from './limits.ts'
import { defaultLimits } from './limits.ts'
import { fetchManifest, statManifest } from './manifests.ts'
import { createPings } from './ping.ts'
import { createSession } from './session.ts'
import { listTags } from './tags.ts'
import { createTokens } from './tokens.ts'
import type { Upstream } from './upstream.ts'

export interface UpstreamSettings {
  clock?: Clock
  log?: Log
  limits?: Partial<Limits>
  /** PEM texts, trusted besides the system's. */
  extraCAs?: readonly string[]
  addresses?: Partial<AddressPolicy>
  realms?: Partial<RealmPolicy>
  /** For tests and special resolvers; absent: the system's. */
  lookup?: Lookup
}

/** One for the whole process: budgets and connections are shared by all that use it. */
export function createUpstream(settings: UpstreamSettings = {}): Upstream {
  const { clock = systemClock, log = silentLog, extraCAs = [], lookup } = settings
  const limits: Limits = { ...defaultLimits, ...settings.limits }
  const policy: AddressPolicy = { ...defaultAddressPolicy, ...settings.addresses }
  const realms: RealmPolicy = { ...defaultRealmPolicy, ...settings.realms }
  const dispatchers = createDispatchers({
    policy,
    extraCAs,
    limits,
    ...(lookup === undefined ? {} : { lookup }),
  })
  const budgets = createBudgets(clock, limits)
  const exchange = createExchange({ dispatchers, budgets, policy, limits })
  const pings = createPings(exchange, policy, clock, limits)
  const tokens = createTokens(exchange, clock, limits)
  const reach = (url: URL) => reachFrom(url, { policy, dispatchers })
  const session = createSession({
    exchange,
    budgets,
    pings,
    policy,
    clock,
    limits,
    log,
    authorize: { tokens, realms, reach, log },
  })
  return {
    ping: async (registry, options = {}) =>
      (await pings.find(registry, options.insecure ?? false, options.signal)).url,
    manifest: (repository, reference, options = {}) => fetchManifest(session, repository, reference, options),
    headManifest: (repository, reference, options = {}) =>
      statManifest(session, repository, reference, options),
    blob: (repository, digest, options = {}) => fetchBlob(session, repository, digest, options),
    headBlob: (repository, digest, options = {}) => statBlob(session, repository, digest, options),
    readBlob: (repository, digest, options = {}) => readWholeBlob(session, repository, digest, options),
    tags: (repository, options = {}) => listTags(session, repository, options),
    budgets: () => budgets.view(),
    [Symbol.asyncDispose]: () => dispatchers[Symbol.asyncDispose](),
  }
}
