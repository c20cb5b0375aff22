import type { AddressPolicy } from './addresses.ts'
import type { Authorization, AuthorizeParts } from './authorize.ts'
import { authorize } from './authorize.ts'
import type { Budgets } from './budget.ts'
import { emptyKeyring } from './credentials.ts'
import type { Clock, Log } from './environment.ts'
import { changedError, isUpstreamError, UpstreamError } from './errors.ts'
import type { Exchange, Incoming } from './exchange.ts'
import { readRefusal } from './exchange.ts'
import type { Limits } from './limits.ts'
import type { Pings, Registry } from './ping.ts'
import type { Repository } from './target.ts'
import type { RequestOptions } from './upstream.ts'

/** A logged-in question to a repository, asked again where that may help. */

export interface Question {
  method: 'GET' | 'HEAD'
  /** Path and query, or a page's whole URL on the same origin. */
  path: string
  headers?: Readonly<Record<string, string>>
}

export interface Reply extends Incoming {
  /** Name of the secret whose credential was used. */
  secret: string | undefined
}

export interface Session {
  readonly limits: Limits
  readonly clock: Clock
  readonly log: Log
  /** Asks, and reads what came, within the document time limit; `read` must consume or abandon the body. */
  document<T>(
    repository: Repository,
    question: Question,
    options: RequestOptions,
    read: (reply: Reply) => Promise<T>,
  ): Promise<T>
  /** Asks without a time limit for the whole; the slot is free again when `opened` resolves `done`. */
  stream<T>(
    repository: Repository,
    question: Question,
    options: RequestOptions,
    open: (reply: Reply, done: () => void) => T,
  ): Promise<T>
}

export interface SessionParts {
  exchange: Exchange
  budgets: Budgets
  pings: Pings
  policy: AddressPolicy
  clock: Clock
  limits: Limits
  log: Log
  authorize: AuthorizeParts
}

export function createSession(parts: SessionParts): Session {
  const { budgets, clock, limits, log } = parts
  return {
    limits,
    clock,
    log,
    document: (repository, question, options, read) =>
      retrying(parts, options, async () => {
        const prepared = await prepare(parts, repository, options)
        return budgets.run(prepared.registry.url.host, 'document', () =>
          withinTime(limits.documentTimeout, options.signal, async (signal) =>
            read(await askOnce(parts, prepared, question, { ...options, signal })),
          ),
        )
      }),
    stream: (repository, question, options, open) =>
      retrying(parts, options, async () => {
        const prepared = await prepare(parts, repository, options)
        return new Promise((resolve, reject) => {
          const task = () =>
            new Promise<void>((done) => {
              askOnce(parts, prepared, question, options)
                .then((reply) => resolve(open(reply, done)))
                .catch((error: unknown) => {
                  done()
                  reject(error)
                })
            })
          budgets.run(prepared.registry.url.host, 'stream', task).catch(reject)
        })
      }),
  }
}

interface Prepared {
  repository: Repository
  registry: Registry
  authorization: Authorization
}

async function prepare(
  parts: SessionParts,
  repository: Repository,
  options: RequestOptions,
): Promise<Prepared> {
  const registry = await parts.pings.find(repository.registry, options.insecure ?? false, options.signal)
  const keyring = options.credentials ?? emptyKeyring
  const authorization = await authorize(repository, registry, keyring, options.signal, parts.authorize)
  return { repository, registry, authorization }
}

async function askOnce(
  parts: SessionParts,
  { repository, registry, authorization }: Prepared,
  question: Question,
  options: RequestOptions,
): Promise<Reply> {
  const { secret } = authorization.credential ?? {}
  const url = new URL(question.path, registry.url)
  const incoming = await parts.exchange.send({
    method: question.method,
    url,
    headers: { ...question.headers, ...loopHeaders(url, options.via) },
    authorization: authorization.header,
    insecure: registry.insecure,
    reach: parts.policy.innermost,
    redirects: 'any',
    signal: options.signal,
  })
  if (incoming.status < 400) return { ...incoming, secret }
  const refusal = await readRefusal(incoming, parts.limits)
  const error = secret === undefined ? refusal : changedError(refusal, { secret })
  if (incoming.status === 401 && authorization.refused()) {
    parts.pings.forget(repository.registry, options.insecure ?? false)
    throw new StaleLogin(error)
  }
  throw error
}

/** A 401 to a token that may just be outdated: worth one more try with a new one. */
class StaleLogin extends Error {
  override readonly name = 'StaleLogin'
  readonly error: UpstreamError
  constructor(error: UpstreamError) {
    super(error.message)
    this.error = error
  }
}

/** Registries that one request may pass through before it is called a loop. */
const longestChain = 16

/** registry.md B-67. */
function loopHeaders(url: URL, via: readonly string[] | undefined): Record<string, string[]> {
  if (via === undefined) return {}
  if (via.includes(url.href) || via.length > longestChain) {
    throw new UpstreamError('loop', `Request to "${url.href}" is denied because a loop is detected`)
  }
  return { 'x-registry-request-url': [...via, url.href] }
}

/** Two more tries after what is temporary; one after a token that was refused (import.md §3.7). */
async function retrying<T>(
  parts: SessionParts,
  options: RequestOptions,
  attempt: () => Promise<T>,
): Promise<T> {
  let hasNewLogin = false
  for (let tries = 0; ; ) {
    try {
      return await attempt()
    } catch (error) {
      if (error instanceof StaleLogin) {
        if (hasNewLogin) throw error.error
        hasNewLogin = true
        continue
      }
      const delay =
        isUpstreamError(error) && tries < parts.limits.retries
          ? retryDelay(error, options, parts.limits)
          : undefined
      if (delay === undefined) throw error
      tries++
      parts.log.debug({ kind: (error as UpstreamError).kind, delay }, 'upstream request is tried again')
      await parts.clock.sleep(delay, options.signal)
    }
  }
}

/** Milliseconds, undefined when asking again is no use. */
function retryDelay(error: UpstreamError, options: RequestOptions, limits: Limits): number | undefined {
  const asked = error.retryAfterSeconds === undefined ? undefined : error.retryAfterSeconds * 1000
  if (error.kind === 'too-many-requests') {
    if (asked !== undefined) return asked <= limits.longestPause ? asked : undefined
    return error.temporary ? limits.rateLimitRetryDelay : undefined
  }
  if (!error.temporary) return undefined
  if (error.kind === 'server')
    return options.retryServerErrors ? (asked ?? limits.serverErrorRetryDelay) : undefined
  return limits.networkRetryDelay
}

async function withinTime<T>(
  milliseconds: number,
  signal: AbortSignal | undefined,
  task: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = AbortSignal.timeout(milliseconds)
  try {
    return await task(signal === undefined ? deadline : AbortSignal.any([signal, deadline]))
  } catch (error) {
    if (signal?.aborted) throw signal.reason
    if (deadline.aborted) throw new UpstreamError('timeout', 'the answer took too long')
    throw error
  }
}
