import pLimit from 'p-limit'
import type { ImageStream } from '../api/image/index.ts'
import { imageStreamImports, imageStreams } from '../api/image/index.ts'
import type { Client } from '../client/client.ts'
import { scheduledImportRequestFor } from '../image/index.ts'
import {
  applyProbe,
  createImportPace,
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
import type { Controller, KeySource, ObjectKey, Verdict } from './reconcile.ts'
import { settled } from './reconcile.ts'
import { keyOf, splitKey } from './watch-source.ts'

export interface ScheduleDeps {
  client: Client
  intervals: IntervalSettings
  sweep: SweepSettings
  /** One HEAD, whoever follows the reference. */
  probe(probe: Probe, signal: AbortSignal): Promise<ProbeOutcome>
  now(): number
  /** Imports that sweeps may cause in a minute (import.md §8); < 0: any number. Absent: 60. */
  importsPerMinute?: number
}

/** How many references are asked after at once: what a sweep holds of sockets, whatever there is to ask. */
const probesAtOnce = 8
/** The key of the sweep itself; all others are streams to be imported. */
const sweepKey = 'sweep'
/** Milliseconds between two plans, which look at every scheduled tag. */
const longestPause = 1000
const importsAtOnce = 5

/**
 * Scheduled tags (import.md §8): one HEAD for each distinct upstream reference when its time has come, then an import of the
 * streams whose tag differs from the answer. An import that fails is tried again as the queue does, whatever later sweeps see.
 */
export function createScheduleController(deps: ScheduleDeps): Controller {
  const followed = createFollowed(deps)
  const imports = createFeed()
  const pace = createImportPace(deps.importsPerMinute ?? 60, () => performance.now())
  const pause = Math.min(longestPause, deps.intervals.shortestInterval / 4)
  let memory: ReadonlyMap<string, ProbeMemory> = new Map()
  let plannedAt = Number.NEGATIVE_INFINITY

  const sweep = async (signal: AbortSignal): Promise<Verdict> => {
    const early = pause - (performance.now() - plannedAt)
    if (early > 0) return { kind: 'again', after: early, why: 'what changes together is planned together' }
    plannedAt = performance.now()
    const plan = planSweep(followed.tags(), memory, deps.now(), deps.sweep)
    const next = new Map(plan.memory)
    memory = next
    await runProbes(plan.probes, deps, signal, (probe, outcome) => {
      const result = applyProbe(probe, next.get(probe.key), outcome, deps.now(), deps.sweep)
      next.set(probe.key, result.memory)
      for (const { namespace, stream } of result.imports) imports.push(`${namespace}/${stream}`)
    })
    const wakeAt = soonest(next)
    if (wakeAt === undefined) return settled
    return {
      kind: 'again',
      after: Math.max(wakeAt - deps.now(), pause),
      why: 'the next reference is due then',
    }
  }

  return {
    name: 'schedule',
    concurrency: 1 + importsAtOnce,
    sources: [followed.source, imports.source],
    async reconcile(key, signal) {
      if (key === sweepKey) return sweep(signal)
      const wait = pace.take(key)
      if (wait > 0) return { kind: 'again', after: wait, why: 'enough scheduled imports for now' }
      await importStream(deps.client, key)
      return settled
    },
  }
}

/** The scheduled tags of all streams, kept by a watch. */
function createFollowed({ client, intervals }: ScheduleDeps) {
  const byStream = new Map<ObjectKey, ScheduledTag[]>()
  /** Whether there is something else to look at, or at other times. */
  const note = (stream: ImageStream | undefined, key: ObjectKey): boolean => {
    const tags = stream === undefined ? [] : scheduledTags(stream, intervals)
    const before = byStream.get(key)
    if (tags.length === 0) return byStream.delete(key)
    byStream.set(key, tags)
    return looksOf(tags) !== looksOf(before ?? [])
  }
  const source: KeySource = async function* (signal) {
    byStream.clear()
    for await (const event of client.watch(imageStreams, '', { signal })) {
      if (event.type === 'ERROR') throw new Error(event.object.message ?? 'the watch ended')
      if (event.type === 'BOOKMARK') continue
      if (note(event.type === 'DELETED' ? undefined : event.object, keyOf(event.object))) yield sweepKey
    }
  }
  return { source, tags: () => [...byStream.values()].flat() }
}

function looksOf(tags: readonly ScheduledTag[]): string {
  return tags.map(({ probe, interval }) => `${probe} ${interval}`).join('\n')
}

/** Keys that the controller gives itself. */
function createFeed() {
  let waiting: ObjectKey[] = []
  let wake = () => {}
  const source: KeySource = async function* (signal) {
    signal.addEventListener('abort', () => wake(), { once: true })
    while (!signal.aborted) {
      const keys = waiting
      waiting = []
      yield* keys
      if (waiting.length > 0) continue
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }
  return {
    source,
    push(key: ObjectKey) {
      waiting.push(key)
      wake()
    },
  }
}

/** Failures that every reference of the host shares: one of them waits for it, not each. */
const unreachable: ReadonlySet<string> = new Set(['network', 'timeout', 'tls', 'plain-http'])

async function runProbes(
  probes: readonly Probe[],
  deps: ScheduleDeps,
  signal: AbortSignal,
  found: (probe: Probe, outcome: ProbeOutcome) => void,
): Promise<void> {
  const limit = pLimit(probesAtOnce)
  const lost = new Map<string, ProbeOutcome>()
  const probeOne = async (probe: Probe): Promise<void> => {
    const [{ host, insecure } = { host: '', insecure: false }] = probe.followers
    const place = `${insecure} ${host}`
    const outcome = lost.get(place) ?? (await deps.probe(probe, signal))
    if (outcome.kind === 'failed' && unreachable.has(outcome.problem)) lost.set(place, outcome)
    found(probe, outcome)
  }
  await Promise.all(probes.map((probe) => limit(() => probeOne(probe))))
}

function soonest(memory: ReadonlyMap<string, ProbeMemory>): number | undefined {
  let at = Number.POSITIVE_INFINITY
  for (const { nextAt } of memory.values()) at = Math.min(at, nextAt)
  return Number.isFinite(at) ? at : undefined
}

async function importStream(client: Client, key: ObjectKey): Promise<void> {
  const [namespace, name] = splitKey(key)
  try {
    const request = scheduledImportRequestFor(await client.get(imageStreams, namespace, name))
    if (request !== undefined) await client.create(imageStreamImports, namespace, request)
  } catch (error) {
    if (!isApiError(error, 'NotFound')) throw error
  }
}
