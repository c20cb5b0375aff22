import type { AddressPolicy } from './addresses.ts'
import { retryAfterSeconds } from './answer-error.ts'
import { createDispatchers, type Lookup } from './dispatchers.ts'
import { isUpstreamError } from './errors.ts'
import { defaultLimits } from './limits.ts'
import { toTransportError } from './transport-error.ts'
import { loadWebClient } from './web-client.ts'

export interface Notifier extends AsyncDisposable {
  /** Posts and resolves to how it ended; rejects only with the signal's reason. */
  post(letter: Letter): Promise<PostResult>
}

export interface Letter {
  url: string
  headers: Readonly<Record<string, string>>
  body: string
  signal: AbortSignal
}

export type PostResult =
  | { kind: 'answered'; status: number; retryAfterSeconds?: number }
  /** `why` says nothing that a stranger may not know of what stands inside: no addresses, nothing of an answer. */
  | { kind: 'failed'; why: string; isPermanent: boolean }

export interface NotifierSettings {
  addresses: AddressPolicy
  /** PEM texts, trusted besides the system's store. */
  extraCAs: readonly string[]
  /** Whether addresses may be http, too. */
  allowHttp: boolean
  lookup?: Lookup
}

/** Milliseconds for all of it. */
const patience = 15_000
/** Bytes of an answer that are read so that the connection can be used again; none of them is kept. */
const mostAnswer = 64 << 10

/**
 * Posts to addresses that others chose (threat 3): the address that the socket goes to is checked, redirects are not followed, and
 * nothing of an answer but its status is told.
 */
export function createNotifier({ addresses, extraCAs, allowHttp, lookup }: NotifierSettings): Notifier {
  const dispatchers = createDispatchers({
    policy: addresses,
    extraCAs,
    limits: defaultLimits,
    ...(lookup === undefined ? {} : { lookup }),
  })
  return {
    async post({ url, headers, body, signal }) {
      if (!allowHttp && !url.startsWith('https://'))
        return { kind: 'failed', why: 'http is not allowed: use an https address', isPermanent: true }
      const deadline = AbortSignal.timeout(patience)
      try {
        const { request } = await loadWebClient()
        const answer = await request(url, {
          method: 'POST',
          headers: { 'user-agent': 'weir', 'accept-encoding': 'identity', ...headers },
          body,
          signal: AbortSignal.any([signal, deadline]),
          dispatcher: await dispatchers.get(false, addresses.innermost),
        })
        await answer.body.dump({ limit: mostAnswer }).catch(() => undefined)
        const { statusCode: status } = answer
        const pause = retryAfterSeconds(answer.headers['retry-after'])
        return { kind: 'answered', status, ...(pause === undefined ? {} : { retryAfterSeconds: pause }) }
      } catch (error) {
        if (signal.aborted) throw signal.reason
        if (deadline.aborted) return { kind: 'failed', why: 'no answer in time', isPermanent: false }
        return toFailure(error)
      }
    },
    [Symbol.asyncDispose]: () => dispatchers[Symbol.asyncDispose](),
  }
}

function toFailure(error: unknown): PostResult {
  const problem = toTransportError(error)
  if (isUpstreamError(problem, 'forbidden-target'))
    return { kind: 'failed', why: 'the target stands where notices may not go', isPermanent: true }
  if (isUpstreamError(problem, 'tls'))
    return { kind: 'failed', why: "the target's certificate cannot be verified", isPermanent: false }
  return { kind: 'failed', why: 'the target cannot be reached', isPermanent: false }
}
