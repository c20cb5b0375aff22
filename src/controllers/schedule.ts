import pLimit from 'p-limit'
import type { ImageStream } from '../api/image/index.ts'
import { imageStreamImports, imageStreams } from '../api/image/index.ts'
import type { Client } from '../client/client.ts'
import { scheduledImportRequestFor } from '../image/index.ts'
import {
  applyProbe,
  type IntervalSettings,
  type Probe,
  type ProbeMemory,
  type ProbeOutcome,
  planSweep,
  type ScheduledTag,
  type SweepSettings,
  scheduledTags,
} from '../importer/index.ts'
import { isApiError } from '../machinery/errors.ts'
import type { Controller, KeySource } from './reconcile.ts'
import { settled } from './reconcile.ts'
import { keyOf } from './watch-source.ts'

export interface ScheduleDeps {
  client: Client
  intervals: IntervalSettings
  sweep: SweepSettings
  /** One HEAD, whoever follows the reference. */
  probe(probe: Probe, signal: AbortSignal): Promise<ProbeOutcome>
  now(): number
}

/** How many upstreams are asked at once. */
const probesAtOnce = 8
/** The one key: a sweep looks at everything that is due. */
const sweepKey = 'sweep'

/**
 * Scheduled tags (import.md §8): one HEAD for each distinct upstream reference when its time has come, then an import of the streams
 * whose tag differs from the answer.
 */
export function createScheduleController(deps: ScheduleDeps): Controller {
  const { client, intervals, sweep } = deps
  const followed = new Map<string, ScheduledTag[]>()
  let memory: ReadonlyMap<string, ProbeMemory> = new Map()

  const source: KeySource = async function* (signal) {
    followed.clear()
    for await (const event of client.watch(imageStreams, '', { signal })) {
      if (event.type === 'ERROR') throw new Error(event.object.message ?? 'the watch ended')
      if (event.type === 'BOOKMARK') continue
      if (note(event.type === 'DELETED' ? undefined : event.object, keyOf(event.object))) yield sweepKey
    }
  }

  /** Whether the stream has, or had, a scheduled tag. */
  const note = (stream: ImageStream | undefined, key: string): boolean => {
    const tags = stream === undefined ? [] : scheduledTags(stream, intervals)
    if (tags.length === 0) return followed.delete(key)
    followed.set(key, tags)
    return true
  }

  return {
    name: 'schedule',
    concurrency: 1,
    sources: [source],
    async reconcile(_key, signal) {
      const plan = planSweep([...followed.values()].flat(), memory, deps.now(), sweep)
      const next = new Map(plan.memory)
      memory = next
      const limit = pLimit(probesAtOnce)
      const due = new Set<string>()
      await Promise.all(
        plan.probes.map((probe) =>
          limit(async () => {
            const outcome = await deps.probe(probe, signal)
            const result = applyProbe(probe, next.get(probe.key), outcome, deps.now(), sweep)
            next.set(probe.key, result.memory)
            for (const { namespace, stream } of result.imports) due.add(`${namespace}/${stream}`)
          }),
        ),
      )
      const failed = await importStreams(client, due)
      if (failed.length > 0) throw new AggregateError(failed, 'scheduled imports failed')
      const wakeAt = [...next.values()].reduce((soonest, { nextAt }) => Math.min(soonest, nextAt), Number.POSITIVE_INFINITY)
      return Number.isFinite(wakeAt)
        ? { kind: 'again', after: Math.max(wakeAt - deps.now(), 100), why: 'the next reference is due then' }
        : settled
    },
  }
}

/** Each stream, whatever becomes of the others; what went wrong. */
async function importStreams(client: Client, keys: Iterable<string>): Promise<unknown[]> {
  const failed: unknown[] = []
  for (const key of keys) await importStream(client, key).catch((error: unknown) => failed.push(error))
  return failed
}

async function importStream(client: Client, key: string): Promise<void> {
  const [namespace = '', name = ''] = key.split('/')
  try {
    const request = scheduledImportRequestFor(await client.get(imageStreams, namespace, name))
    if (request !== undefined) await client.create(imageStreamImports, namespace, request)
  } catch (error) {
    // Gone, or changed meanwhile: the next look sees to it.
    if (!isApiError(error, 'NotFound') && !isApiError(error, 'Conflict')) throw error
  }
}
