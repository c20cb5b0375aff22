import pLimit from 'p-limit'
import type { Clock } from './environment.ts'
import { UpstreamError } from './errors.ts'
import type { Limits } from './limits.ts'

/** What is known of a host's patience; all tenants share it (design.md §6). */
export interface BudgetView {
  host: string
  /** As the host's rate-limit headers said last; absent when it sends none. */
  limit?: number
  remaining?: number
  windowSeconds?: number
  /** Milliseconds since the epoch until which nothing is sent. */
  pausedUntil?: number
  /** Requests sent since the start. */
  sent: number
}

export interface Budgets {
  /** Waits for the host's turn; UpstreamError `too-many-requests` when it would have to wait longer than `longestPause`. */
  take(host: string, signal?: AbortSignal): Promise<void>
  /** Runs the task when few enough others of its sort run for the host. */
  run<T>(host: string, sort: 'document' | 'stream', task: () => Promise<T>): Promise<T>
  /** Learns from an answer's headers. */
  observe(host: string, status: number, headers: Headers, retryAfterSeconds: number | undefined): void
  view(): BudgetView[]
}

type Headers = Readonly<Record<string, string | string[] | undefined>>

interface Account {
  tokens: number
  filledAt: number
  /** Part of the usual rate, halved by each 429. */
  share: number
  /** When `share` changed last. */
  sharedAt: number
  pausedUntil: number
  sent: number
  limit: number | undefined
  remaining: number | undefined
  windowSeconds: number | undefined
  limiters: Record<'document' | 'stream', ReturnType<typeof pLimit>>
}

const mostHosts = 10_000
const smallestShare = 1 / 64
/** Milliseconds without a 429 after which a host's share doubles again. */
const recovery = 30_000

export function createBudgets(clock: Clock, limits: Limits): Budgets {
  const accounts = new Map<string, Account>()
  const of = (host: string): Account => {
    const known = accounts.get(host)
    if (known !== undefined) return known
    if (accounts.size >= mostHosts) dropIdle(accounts, clock.now())
    const fresh: Account = {
      tokens: limits.requestBurst,
      filledAt: clock.now(),
      share: 1,
      sharedAt: 0,
      pausedUntil: 0,
      sent: 0,
      limit: undefined,
      remaining: undefined,
      windowSeconds: undefined,
      limiters: { document: pLimit(limits.concurrency), stream: pLimit(limits.streams) },
    }
    accounts.set(host, fresh)
    return fresh
  }
  return {
    async take(host, signal) {
      const account = of(host)
      const now = clock.now()
      const pause = account.pausedUntil - now
      if (pause > limits.longestPause) throw tooManyRequests(host, pause)
      if (pause > 0) await clock.sleep(pause, signal)
      const wait = spend(account, clock.now(), limits)
      if (wait > 0) await clock.sleep(wait, signal)
    },
    run: (host, sort, task) => of(host).limiters[sort](task),
    observe(host, status, headers, retryAfterSeconds) {
      const account = of(host)
      const [limit, window] = readRate(headers['ratelimit-limit'])
      const [remaining, remainingWindow] = readRate(headers['ratelimit-remaining'])
      account.limit = limit ?? account.limit
      account.windowSeconds = window ?? remainingWindow ?? account.windowSeconds
      account.remaining = remaining ?? account.remaining
      adaptShare(account, status, clock.now())
      if ((status === 429 || status === 503) && retryAfterSeconds !== undefined) {
        account.pausedUntil = Math.max(account.pausedUntil, clock.now() + retryAfterSeconds * 1000)
      }
    },
    view: () => [...accounts].map(([host, account]) => toView(host, account, clock.now())),
  }
}

/** Takes a token, on credit if there is none; milliseconds until it is there. */
function spend(account: Account, now: number, limits: Limits): number {
  const { rate, burst } = paceOf(account, limits)
  const filled = account.tokens + ((now - account.filledAt) / 1000) * rate
  account.tokens = Math.min(burst, filled) - 1
  account.filledAt = now
  account.sent++
  return account.tokens >= 0 ? 0 : (-account.tokens / rate) * 1000
}

/** A host that counts, or that has complained, is asked more slowly. */
function paceOf({ limit, share }: Account, limits: Limits): { rate: number; burst: number } {
  const isMetered = limit !== undefined
  const rate = isMetered
    ? Math.min(limits.meteredRequests, limits.requestsPerSecond)
    : limits.requestsPerSecond
  const burst = isMetered ? Math.min(limits.meteredRequests, limits.requestBurst) : limits.requestBurst
  return { rate: rate * share, burst: Math.max(1, burst * share) }
}

function adaptShare(account: Account, status: number, now: number): void {
  const isComplaint = status === 429
  if (!isComplaint && (account.share === 1 || now - account.sharedAt < recovery)) return
  account.share = isComplaint ? Math.max(smallestShare, account.share / 2) : Math.min(1, account.share * 2)
  account.sharedAt = now
}

/** `100;w=21600` as Docker Hub writes it. */
function readRate(header: string | string[] | undefined): [number | undefined, number | undefined] {
  const text = typeof header === 'string' ? header : (header?.[0] ?? '')
  const match = /^\s*(\d{1,12})(?:\s*;\s*w=(\d{1,9}))?/.exec(text)
  if (match === null) return [undefined, undefined]
  return [Number(match[1]), match[2] === undefined ? undefined : Number(match[2])]
}

function dropIdle(accounts: Map<string, Account>, now: number): void {
  for (const [host, account] of accounts) {
    const running = Object.values(account.limiters).some(
      (limiter) => limiter.activeCount + limiter.pendingCount > 0,
    )
    const isBusy = running || account.pausedUntil > now
    if (!isBusy) accounts.delete(host)
  }
}

function toView(host: string, account: Account, now: number): BudgetView {
  const { limit, remaining, windowSeconds, pausedUntil, sent } = account
  return {
    host,
    sent,
    ...(limit === undefined ? {} : { limit }),
    ...(remaining === undefined ? {} : { remaining }),
    ...(windowSeconds === undefined ? {} : { windowSeconds }),
    ...(pausedUntil > now ? { pausedUntil } : {}),
  }
}

function tooManyRequests(host: string, pause: number): UpstreamError {
  const seconds = Math.ceil(pause / 1000)
  return new UpstreamError('too-many-requests', `toomanyrequests: ${host} asked to wait ${seconds} s`, {
    status: 429,
    retryAfterSeconds: seconds,
  })
}
