import { LRUCache } from 'lru-cache'
import type { AddressPolicy } from './addresses.ts'
import { skipBody } from './body.ts'
import type { Challenge } from './challenge.ts'
import { parseChallenges } from './challenge.ts'
import type { Endpoint } from './choose-credential.ts'
import type { Clock } from './environment.ts'
import { changedError, failedRequest, isUpstreamError, UpstreamError } from './errors.ts'
import type { Exchange } from './exchange.ts'
import type { Limits } from './limits.ts'
import { orAborted } from './or-aborted.ts'
import { registryUrl } from './target.ts'

/** The first question to a registry: where it is, and how to log in (import.md §3.2). */

export interface Registry extends Endpoint {
  challenges: readonly Challenge[]
}

export interface Pings {
  find(registry: string, insecure: boolean, signal?: AbortSignal): Promise<Registry>
  /** The registry isn't what it was: the next `find` asks anew. */
  forget(registry: string, insecure: boolean): void
}

export function createPings(exchange: Exchange, policy: AddressPolicy, clock: Clock, limits: Limits): Pings {
  const known = new LRUCache<string, { registry: Registry; until: number }>({ max: 4096 })
  const pending = new Map<string, Promise<Registry>>()
  const keyOf = (registry: string, insecure: boolean): string => `${insecure} ${registry}`
  const ask = async (registry: string, insecure: boolean): Promise<Registry> => {
    const key = keyOf(registry, insecure)
    try {
      const found = await findRegistry(registry, insecure, { exchange, policy, limits })
      known.set(key, { registry: found, until: clock.now() + limits.pingLifetime })
      return found
    } finally {
      pending.delete(key)
    }
  }
  return {
    find(registry, insecure, signal) {
      const key = keyOf(registry, insecure)
      const held = known.get(key)
      if (held !== undefined && held.until > clock.now()) return Promise.resolve(held.registry)
      // Who gives up must not take the answer from the others who wait: its own time limit ends the question.
      const asked = pending.get(key) ?? ask(registry, insecure)
      pending.set(key, asked)
      return orAborted(asked, signal)
    },
    forget: (registry, insecure) => void known.delete(keyOf(registry, insecure)),
  }
}

interface Parts {
  exchange: Exchange
  policy: AddressPolicy
  limits: Limits
}

/** https; where that fails and the policy allows it, http on the same port. A valid https answer always wins. */
async function findRegistry(registry: string, insecure: boolean, parts: Parts): Promise<Registry> {
  try {
    return await ping(registryUrl(registry, 'https'), insecure, parts)
  } catch (error) {
    const isTransport = isUpstreamError(error) && transportKinds.has(error.kind)
    if (!insecure || !isTransport) throw error
    return await ping(registryUrl(registry, 'http'), insecure, parts)
  }
}

const transportKinds: ReadonlySet<string> = new Set(['network', 'timeout', 'tls', 'plain-http'])

async function ping(base: URL, insecure: boolean, parts: Parts): Promise<Registry> {
  const url = new URL('/v2/', base)
  const deadline = AbortSignal.timeout(parts.limits.pingTimeout)
  const answer = await parts.exchange
    .send({
      method: 'GET',
      url,
      headers: {},
      insecure,
      reach: parts.policy.innermost,
      redirects: 'any',
      signal: deadline,
    })
    .catch((error: unknown) => {
      if (deadline.aborted) throw failedRequest('GET', url, new UpstreamError('timeout', pingTimedOut))
      // The first question is not asked twice.
      throw isUpstreamError(error) ? changedError(error, { temporary: false }) : error
    })
  skipBody(answer.body, answer.headers)
  const { status } = answer
  const isSpoken = answer.headers['docker-distribution-api-version'] !== undefined
  if (!isSpoken && !(status >= 200 && status < 300) && status !== 401 && status !== 403) {
    const text = `endpoint "${base.origin}" does not support v2 API (got ${status} ${answer.statusText})`
    throw new UpstreamError('not-a-registry', text, { status })
  }
  // Only an answer of the registry itself may say where to log in.
  const isOwn = answer.url.origin === base.origin
  const challenges = isOwn && status === 401 ? parseChallenges(answer.headers['www-authenticate']) : []
  return { url: base, insecure, challenges }
}

const pingTimedOut = 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)'
