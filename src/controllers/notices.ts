import { LRUCache } from 'lru-cache'
import {
  redeliverAnnotation,
  secrets,
  type TagNotice,
  type TagNoticeResult,
  type TagWebhook,
  type TagWebhookStatus,
  tagNotices,
  tagWebhooks,
} from '../api/index.ts'
import type { Client } from '../client/client.ts'
import { type NoticeOutcome, type NoticeStep, planNotice } from '../image/index.ts'
import { isApiError } from '../machinery/errors.ts'
import { formatTime } from '../machinery/object.ts'
import type { Notifier } from '../upstream/index.ts'
import { listThenWatch } from './list-then-watch.ts'
import { type CursorStore, fanOut } from './notice-fan-out.ts'
import { type Controller, type KeySource, settled, type Verdict } from './reconcile.ts'
import { signNotice } from './sign-notice.ts'
import { keysOf, splitKey } from './watch-source.ts'

export interface NoticeDeps {
  client: Client
  notifier: Notifier
  cursors: CursorStore
  now(): Date
}

/** Notices that one webhook gets at the same time. */
const atOnce = 4
/** Failures in a row after which a webhook is left alone for a while, whatever else waits for it. */
const mostFailures = 4

/**
 * Sends what waits for each webhook, oldest first. A key is a webhook: a target that is down is asked a few
 * times a round, not once for each notice, and keeps nobody else waiting.
 */
export function createNoticeController(deps: NoticeDeps): Controller {
  const { client } = deps
  /** Webhooks whose targets seem to be down, by key: the spec that failed, and until when it is left alone. */
  const resting = new LRUCache<string, { until: number; generation: number | undefined }>({ max: 10_000 })
  return {
    name: 'notices',
    concurrency: 16,
    maxBackoff: 60_000,
    sources: [fanOut(deps), keysOf(client, tagWebhooks), ofNotices(client)],
    async reconcile(key, signal) {
      const [namespace, name] = splitKey(key)
      const webhook = await client.get(tagWebhooks, namespace, name).catch(absent)
      const { items } = await client.list(tagNotices, namespace, { fieldSelector: `webhook=${name}` })
      if (webhook === undefined) {
        for (const notice of items) await remove(client, notice)
        return settled
      }
      if (webhook.spec.suspended === true) return settled
      const waiting: TagNotice[] = []
      let isWished = false
      for (const notice of items) {
        const revived = await revive(client, notice)
        isWished ||= revived !== notice
        if (revived.status.phase !== 'Dead') waiting.push(revived)
      }
      const rest = resting.get(key)
      const left = (rest?.until ?? 0) - deps.now().getTime()
      if (left > 0 && !isWished && rest?.generation === webhook.metadata.generation)
        return { kind: 'again', after: left, why: 'the target is down' }
      resting.delete(key)
      const { verdict, pause } = await deliver(webhook, waiting.toSorted(byTime), deps, signal)
      if (pause !== undefined)
        resting.set(key, { until: deps.now().getTime() + pause, generation: webhook.metadata.generation })
      return verdict
    },
  }
}

function ofNotices(client: Client): KeySource {
  return async function* (signal) {
    for await (const found of listThenWatch(client, tagNotices, signal)) {
      if (found.type === 'SYNCED' || found.type === 'DELETED') continue
      yield `${found.object.metadata.namespace}/${found.object.spec.webhook}`
    }
  }
}

const byTime = (a: TagNotice, b: TagNotice) => (timeOf(a) < timeOf(b) ? -1 : 1)
const timeOf = ({ spec, metadata }: TagNotice) =>
  `${String(spec.event.time ?? metadata.creationTimestamp)} ${metadata.name}`

/** A notice that was given up and is wished for again starts anew. */
async function revive(client: Client, notice: TagNotice): Promise<TagNotice> {
  const wish = notice.metadata.annotations?.[redeliverAnnotation]
  if (wish === undefined || wish === notice.status.redelivered) return notice
  return writeStatus(client, notice, { phase: 'Waiting', attempts: 0, nextAttempt: null, redelivered: wish })
}

async function deliver(
  webhook: TagWebhook,
  waiting: readonly TagNotice[],
  deps: NoticeDeps,
  signal: AbortSignal,
): Promise<{ verdict: Verdict; pause?: number }> {
  const now = deps.now().getTime()
  const due = waiting.filter(({ status }) => !(Date.parse(status.nextAttempt ?? '') > now))
  const next = due.values()
  const tally: Tally = { delivered: 0, failed: 0, failures: 0, pause: Number.POSITIVE_INFINITY }
  const secret = await readSecret(webhook, deps.client)
  const worker = async () => {
    for (const notice of next) {
      if (signal.aborted || tally.failures >= mostFailures) return
      await tell(webhook, notice, secret, tally, deps, signal)
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, due.length) }, worker))
  await writeTally(webhook, tally, deps.client)
  const rest = waiting.length - tally.delivered - tally.failed
  if (rest === 0) return { verdict: settled }
  const later = waiting
    .map(({ status }) => Date.parse(status.nextAttempt ?? '') - now)
    .filter((wait) => wait > 0)
  const isDown = tally.failures >= mostFailures && Number.isFinite(tally.pause)
  const after = isDown ? tally.pause : Math.min(tally.pause, ...later, 60_000)
  const verdict: Verdict = { kind: 'again', after: Math.max(after, 0), why: 'notices wait' }
  return isDown ? { verdict, pause: tally.pause } : { verdict }
}

interface Tally {
  delivered: number
  failed: number
  /** In a row. */
  failures: number
  /** Milliseconds until the first that failed is due again. */
  pause: number
  lastDelivery?: TagNoticeResult
  lastFailure?: TagNoticeResult
}

/** The key of the signature; why there is none; undefined where none is wanted. */
type NoticeSecret = { kind: 'key'; bytes: Uint8Array } | { kind: 'missing'; why: string } | undefined

async function readSecret({ metadata, spec }: TagWebhook, client: Client): Promise<NoticeSecret> {
  if (spec.secretRef === undefined) return undefined
  const { name } = spec.secretRef
  const found = await client.get(secrets, metadata.namespace ?? '', name).catch(absent)
  const text = found?.data?.secret
  return text === undefined || text === ''
    ? { kind: 'missing', why: `there is no secret ${name} with a key named secret` }
    : { kind: 'key', bytes: Buffer.from(text, 'base64') }
}

async function tell(
  webhook: TagWebhook,
  notice: TagNotice,
  secret: NoticeSecret,
  tally: Tally,
  { client, notifier, now }: NoticeDeps,
  signal: AbortSignal,
): Promise<void> {
  const body = JSON.stringify(notice.spec.event)
  const id = String(notice.spec.event.id)
  const outcome: NoticeOutcome =
    secret?.kind === 'missing'
      ? { kind: 'failed', why: secret.why, isPermanent: false }
      : await notifier.post({
          url: webhook.spec.url,
          headers: {
            'content-type': 'application/cloudevents+json; charset=utf-8',
            ...signNotice({ id, body }, secret?.bytes, Math.floor(now().getTime() / 1000)),
          },
          body,
          signal,
        })
  const attempts = (notice.status.attempts ?? 0) + 1
  const step = planNotice(outcome, attempts)
  await record(notice, step, attempts, now(), client)
  count(tally, { id, time: formatTime(now()), attempts }, outcome, step)
}

/** What was delivered goes, what was not is kept with the reason. */
async function record(
  notice: TagNotice,
  step: NoticeStep,
  attempts: number,
  now: Date,
  client: Client,
): Promise<void> {
  if (step.kind === 'delivered') return remove(client, notice)
  const isDead = step.kind === 'dead'
  await writeStatus(client, notice, {
    phase: isDead ? 'Dead' : 'Waiting',
    attempts,
    reason: step.why,
    lastAttempt: formatTime(now),
    // Kept in whole seconds: never earlier than meant.
    nextAttempt: isDead ? null : formatTime(new Date(Math.ceil((now.getTime() + step.after) / 1000) * 1000)),
  })
}

function count(
  tally: Tally,
  result: { id: string; time: string; attempts: number },
  outcome: NoticeOutcome,
  step: NoticeStep,
): void {
  const status = outcome.kind === 'answered' ? { status: outcome.status } : {}
  if (step.kind === 'delivered') {
    tally.delivered++
    tally.failures = 0
    tally.lastDelivery = { ...result, ...status }
    return
  }
  tally.failures++
  if (step.kind === 'dead') tally.failed++
  else tally.pause = Math.min(tally.pause, step.after)
  tally.lastFailure = { ...result, ...status, reason: step.why }
}

async function writeTally(webhook: TagWebhook, tally: Tally, client: Client): Promise<void> {
  const { delivered, failed, lastDelivery, lastFailure } = tally
  if (lastDelivery === undefined && lastFailure === undefined) return
  const { name = '', namespace = '' } = webhook.metadata
  const status: TagWebhookStatus = {
    delivered: (webhook.status.delivered ?? 0) + delivered,
    failed: (webhook.status.failed ?? 0) + failed,
    ...(lastDelivery === undefined ? {} : { lastDelivery }),
    ...(lastFailure === undefined ? {} : { lastFailure }),
  }
  await client
    .patch(tagWebhooks, namespace, name, { type: 'merge', body: { status } }, { subresource: 'status' })
    .catch(absent)
}

async function writeStatus(client: Client, notice: TagNotice, status: object): Promise<TagNotice> {
  const { name = '', namespace = '' } = notice.metadata
  const patch = { type: 'merge' as const, body: { status } }
  const written = await client
    .patch(tagNotices, namespace, name, patch, { subresource: 'status' })
    .catch(absent)
  return written ?? notice
}

async function remove(client: Client, { metadata }: TagNotice): Promise<void> {
  await client.delete(tagNotices, metadata.namespace ?? '', metadata.name ?? '').catch(absent)
}

function absent(error: unknown): undefined {
  if (!isApiError(error, 'NotFound')) throw error
}
