import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Zone } from './addresses.ts'
import { readBody } from './body.ts'
import type { Credential } from './credentials.ts'
import type { Clock } from './environment.ts'
import { isUpstreamError, UpstreamError } from './errors.ts'
import type { Exchange, Incoming } from './exchange.ts'
import { readRefusal } from './exchange.ts'
import type { Limits } from './limits.ts'
import { orAborted } from './or-aborted.ts'

/** Bearer tokens from a registry's token server (import.md §3.3; Distribution "Token Authentication", "OAuth2"). */

export interface TokenRequest {
  realm: URL
  service: string
  /** e.g. `repository:library/busybox:pull`. */
  scope: string
  credential: Credential | undefined
  insecure: boolean
  reach: Zone
  signal: AbortSignal | undefined
}

export interface Tokens {
  get(request: TokenRequest): Promise<string>
  /** The registry didn't accept it: the next `get` asks anew. */
  forget(request: TokenRequest, token: string): void
}

interface Held {
  token: string
  /** Milliseconds since the epoch. */
  until: number
}

const shortestLife = 60
/** A token is given up this part of its life before its end. */
const margin = 0.1
const longestLife = 3600
/** What the standard allows in a bearer token. */
const tokenShape = /^[A-Za-z0-9\-._~+/]+=*$/
const clientId = 'weir'

export function createTokens(exchange: Exchange, clock: Clock, limits: Limits): Tokens {
  const held = new LRUCache<string, Held>({ max: 4096 })
  const pending = new Map<string, Promise<Held>>()
  return {
    async get(request) {
      const key = cacheKey(request)
      const known = held.get(key)
      if (known !== undefined && known.until > clock.now()) return known.token
      // A caller who gives up must not fail those who wait for the same token; the server's own time limit ends it.
      const { signal, ...shared } = request
      const asked = pending.get(key) ?? fetchToken({ ...shared, signal: undefined }, exchange, clock, limits)
      pending.set(key, asked)
      try {
        const fresh = await orAborted(asked, signal)
        held.set(key, fresh)
        return fresh.token
      } finally {
        if (pending.get(key) === asked) void asked.catch(() => undefined).then(() => pending.delete(key))
      }
    },
    forget(request, token) {
      const key = cacheKey(request)
      if (held.get(key)?.token === token) held.delete(key)
    },
  }
}

/** Everything that the token depends on: nothing is shared between credentials, hosts or repositories (threat 2). */
function cacheKey({ realm, service, scope, credential, insecure, reach }: TokenRequest): string {
  const secret = credential && [credential.username, credential.password, credential.identityToken]
  return createHash('sha256')
    .update(JSON.stringify([realm.href, service, scope, secret ?? null, insecure, reach]))
    .digest('base64')
}

async function fetchToken(
  request: TokenRequest,
  exchange: Exchange,
  clock: Clock,
  limits: Limits,
): Promise<Held> {
  const timed = { ...request, signal: AbortSignal.timeout(limits.documentTimeout) }
  const startedAt = clock.now()
  try {
    let answer = usesRefresh(request.credential) ? await post(timed, exchange) : await get(timed, exchange)
    // Some servers know only the OAuth2 form.
    if (answer.status === 405 && hasPassword(request.credential) && !usesRefresh(request.credential)) {
      await readRefusal(answer, limits)
      answer = await post(timed, exchange)
    }
    if (answer.status >= 400) throw await readRefusal(answer, limits)
    const body = await readBody(answer.body, answer.headers, limits.smallBodyBytes, 'the token')
    return readToken(body.toString('utf8'), startedAt)
  } catch (error) {
    if (timed.signal.aborted) throw new UpstreamError('timeout', 'the token server took too long')
    // A refusal in the token server's words; not-found there says nothing of the image.
    if (isUpstreamError(error, 'not-found') || isUpstreamError(error, 'name-unknown')) {
      throw new UpstreamError('bad-answer', error.message, { status: error.status ?? 404 })
    }
    throw error
  }
}

function usesRefresh(credential: Credential | undefined): boolean {
  return credential !== undefined && credential.identityToken !== ''
}

function hasPassword(credential: Credential | undefined): credential is Credential {
  return credential !== undefined && credential.username !== '' && credential.password !== ''
}

function get(request: TokenRequest, exchange: Exchange): Promise<Incoming> {
  const { credential } = request
  const url = new URL(request.realm)
  if (request.service !== '') url.searchParams.set('service', request.service)
  url.searchParams.set('scope', request.scope)
  if (hasPassword(credential)) url.searchParams.set('account', credential.username)
  const authorization = hasPassword(credential) ? { authorization: basicAuthorization(credential) } : {}
  return exchange.send({ ...common(request), method: 'GET', url, headers: {}, ...authorization })
}

function post(request: TokenRequest, exchange: Exchange): Promise<Incoming> {
  const { credential } = request
  const form = new URLSearchParams({ service: request.service, scope: request.scope, client_id: clientId })
  if (credential !== undefined && usesRefresh(credential)) {
    form.set('grant_type', 'refresh_token')
    form.set('refresh_token', credential.identityToken)
  } else {
    form.set('grant_type', 'password')
    form.set('username', credential?.username ?? '')
    form.set('password', credential?.password ?? '')
  }
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  return exchange.send({
    ...common(request),
    method: 'POST',
    url: request.realm,
    headers,
    body: form.toString(),
  })
}

function common({ insecure, reach, signal }: TokenRequest) {
  return { insecure, reach, signal, redirects: 'none' as const }
}

export function basicAuthorization({ username, password }: Credential): string {
  return `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`
}

function readToken(text: string, startedAt: number): Held {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    throw new UpstreamError('bad-answer', 'unable to decode token response')
  }
  const { token, access_token, expires_in } = (body ?? {}) as Record<string, unknown>
  const value = [access_token, token].find((candidate) => typeof candidate === 'string' && candidate !== '')
  if (typeof value !== 'string') {
    throw new UpstreamError('bad-answer', 'authorization server did not include a token in the response')
  }
  if (!tokenShape.test(value))
    throw new UpstreamError('bad-answer', 'authorization server sent a malformed token')
  const given = typeof expires_in === 'number' && Number.isFinite(expires_in) ? expires_in : 0
  const seconds = Math.min(longestLife, Math.max(shortestLife, given))
  return { token: value, until: startedAt + seconds * 1000 * (1 - margin) }
}
