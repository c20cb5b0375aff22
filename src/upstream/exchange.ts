import type { Dispatcher } from 'undici'
import type { AddressPolicy, Zone } from './addresses.ts'
import { retryAfterSeconds, toAnswerError } from './answer-error.ts'
import { oneHeader, readBody, skipBody } from './body.ts'
import type { Budgets } from './budget.ts'
import type { Dispatchers } from './dispatchers.ts'
import { failedRequest, isUpstreamError, UpstreamError } from './errors.ts'
import type { Limits } from './limits.ts'
import { toTransportError } from './transport-error.ts'
import { loadWebClient } from './web-client.ts'

/** One question to one host, redirects followed. Everything that leaves this process for an upstream passes here. */

export interface Outgoing {
  method: 'GET' | 'HEAD' | 'POST'
  url: URL
  headers: Readonly<Record<string, string | string[]>>
  /** Value of `Authorization`; never sent to another origin than `url`'s. */
  authorization?: string | undefined
  body?: string
  /** Certificates of this host name are not verified, and http is allowed. */
  insecure: boolean
  reach: Zone
  redirects: 'any' | 'same-origin' | 'none'
  signal: AbortSignal | undefined
}

export interface Incoming {
  /** Where the answer came from in the end. */
  url: URL
  status: number
  statusText: string
  headers: Dispatcher.ResponseData['headers']
  body: Dispatcher.ResponseData['body']
}

export interface Exchange {
  /** The answer, whatever its status; the body must be read or abandoned. UpstreamError when there is none. */
  send(outgoing: Outgoing): Promise<Incoming>
  /** Like `send`, but a status of 400 or more is an UpstreamError. */
  ask(outgoing: Outgoing): Promise<Incoming>
}

export interface ExchangeSettings {
  dispatchers: Dispatchers
  budgets: Budgets
  policy: AddressPolicy
  limits: Limits
}

const redirectStatuses = new Set([301, 302, 303, 307, 308])

export function createExchange(settings: ExchangeSettings): Exchange {
  const send = async (outgoing: Outgoing): Promise<Incoming> => {
    let next: Outgoing = outgoing
    for (let hop = 0; ; hop++) {
      const incoming = await sendOnce(settings, next)
      if (outgoing.redirects === 'none' || !redirectStatuses.has(incoming.status)) return incoming
      const location = oneHeader(incoming.headers, 'location')
      if (location === undefined) return incoming
      skipBody(incoming.body, incoming.headers)
      if (hop >= settings.limits.redirects) throw redirectError('too many redirects')
      next = planRedirect(next, outgoing, location, settings)
    }
  }
  const ask = async (outgoing: Outgoing): Promise<Incoming> => {
    const incoming = await send(outgoing)
    if (incoming.status < 400) return incoming
    throw await readRefusal(incoming, settings.limits)
  }
  return { send, ask }
}

async function sendOnce(
  { dispatchers, budgets, limits }: ExchangeSettings,
  outgoing: Outgoing,
): Promise<Incoming> {
  const { method, url, insecure, reach, signal } = outgoing
  try {
    await budgets.take(url.host, signal)
    const { request } = await loadWebClient()
    const answer = await request(url, {
      method,
      headers: {
        'user-agent': 'weir',
        'accept-encoding': 'identity',
        ...outgoing.headers,
        ...(outgoing.authorization === undefined ? {} : { authorization: outgoing.authorization }),
      },
      ...(outgoing.body === undefined ? {} : { body: outgoing.body }),
      ...(signal === undefined ? {} : { signal }),
      dispatcher: await dispatchers.get(insecure, reach),
      headersTimeout: limits.headersTimeout,
      bodyTimeout: limits.bodyIdleTimeout,
    })
    budgets.observe(
      url.host,
      answer.statusCode,
      answer.headers,
      retryAfterSeconds(answer.headers['retry-after']),
    )
    const { statusCode: status, statusText, headers, body } = answer
    return { url, status, statusText, headers, body }
  } catch (error) {
    if (signal?.aborted) throw signal.reason
    if (isUpstreamError(error, 'too-many-requests')) throw error
    throw failedRequest(method, url, toTransportError(error))
  }
}

/**
 * A redirect may change host, but not take credentials along, leave https, or lead further in than the registry
 * stands (threats 1 to 3). What was dropped stays dropped.
 */
function planRedirect(
  from: Outgoing,
  first: Outgoing,
  location: string,
  settings: ExchangeSettings,
): Outgoing {
  const url = URL.canParse(location, from.url.href) ? new URL(location, from.url) : undefined
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw redirectError('redirect to something that is no web address')
  }
  if (url.username !== '' || url.password !== '') throw redirectError('redirect with a user name')
  if (url.protocol === 'http:' && !first.insecure) throw redirectError('redirect to http')
  const isSameOrigin = url.origin === from.url.origin
  if (!isSameOrigin && first.redirects === 'same-origin') throw redirectError('redirect to another host')
  const { authorization, ...rest } = from
  return {
    ...rest,
    ...(isSameOrigin && authorization !== undefined ? { authorization } : {}),
    url,
    insecure: url.hostname === first.url.hostname && first.insecure,
    reach: isSameOrigin ? from.reach : reachFrom(first.url, settings),
  }
}

/** How far in the origin may send us: to its own zone, unless the policy trusts all. */
export function reachFrom(
  url: URL,
  { policy, dispatchers }: Pick<ExchangeSettings, 'policy' | 'dispatchers'>,
): Zone {
  return policy.inwardAllowed ? policy.innermost : (dispatchers.zoneOf(url.origin) ?? 'public')
}

function redirectError(why: string): UpstreamError {
  return new UpstreamError('forbidden-target', `refused: ${why}`)
}

/** Reads what an error's body says, within bounds; a body that can't be read says nothing. */
export async function readRefusal(incoming: Incoming, limits: Limits): Promise<UpstreamError> {
  const { status, statusText, headers } = incoming
  const body = await readBody(incoming.body, headers, limits.smallBodyBytes, 'the error').then(
    (bytes) => bytes.toString('utf8'),
    () => '',
  )
  return toAnswerError({ status, statusText, headers, body })
}
