import pLimit from 'p-limit'
import type { ImageStream } from '../api/image/index.ts'
import { imageStreamImports, imageStreams } from '../api/image/index.ts'
import { type TagHold, tagHolds } from '../api/index.ts'
import type { Client } from '../client/client.ts'
import { scheduledImportRequestFor } from '../image/index.ts'
import {
  applyProbe,
  createImportPace,
  fractionOf,
  type IntervalSettings,
  isBehind,
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
import { keyOf, presentAndChanges, splitKey } from './watch-source.ts'

export interface ScheduleDeps {
  client: Client
  /** The streams that have scheduled tags already. */
  scheduled(): AsyncIterable<ImageStream>
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
/** Scheduled tags are planned in so many parts, by reference, so that no plan takes long however many tags there are. */
const parts = 64
/** Keys of parts are `sweep N`; all others are streams to be imported. */
const sweepPrefix = 'sweep '
/** Milliseconds between two plans of a part. */
const longestPause = 1000
const importsAtOnce = 5

/**
 * Scheduled tags (import.md §8): one HEAD for each distinct upstream reference when its time has come, then an import of the
 * streams whose tag differs from the answer. An import that fails is tried again as the queue does, whatever later sweeps see.
 */
export function createScheduleController(deps: ScheduleDeps): Controller {
  const followed = createFollowed(deps)
  const due = createFeed()
  const pace = createImportPace(deps.importsPerMinute ?? 60, () => performance.now())
  const pause = Math.min(longestPause, deps.intervals.shortestInterval / 4)
  const memories = new Map<ObjectKey, ReadonlyMap<string, ProbeMemory>>()
  const plannedAt = new Map<ObjectKey, number>()
  const runProbes = createProber(deps)
  const importLimit = pLimit(importsAtOnce)

  const sweep = async (part: ObjectKey, signal: AbortSignal): Promise<Verdict> => {
    const early = pause - (performance.now() - (plannedAt.get(part) ?? Number.NEGATIVE_INFINITY))
    if (early > 0) return { kind: 'again', after: early, why: 'what changes together is planned together' }
    plannedAt.set(part, performance.now())
    const plan = planSweep(followed.tags(part), memories.get(part) ?? new Map(), deps.now(), deps.sweep)
    const next = new Map(plan.memory)
    memories.set(part, next)
    await runProbes(plan.probes, signal, (probe, outcome) => {
      const result = applyProbe(probe, next.get(probe.key), outcome, deps.now(), deps.sweep)
      next.set(probe.key, result.memory)
      for (const { namespace, stream } of result.imports) due.push(`${namespace}/${stream}`)
    })
    const wakeAt = soonest(next)
    if (wakeAt === undefined) return settled
    const after = Math.max(wakeAt - deps.now(), pause)
    return { kind: 'again', after, why: 'the next reference is due then' }
  }

  return {
    name: 'schedule',
    concurrency: parts + importsAtOnce,
    sources: [followed.source, followed.holds, due.source],
    async reconcile(key, signal) {
      if (key.startsWith(sweepPrefix)) return sweep(key, signal)
      const behind = followed
        .entriesOf(key)
        .filter(({ part, tag }) => isBehind(tag, memories.get(part)?.get(tag.probe)))
      if (behind.length === 0) return settled
      const wait = pace.take(key)
      if (wait > 0) return { kind: 'again', after: wait, why: 'enough scheduled imports for now' }
      const tags = new Set(behind.map(({ tag }) => tag.tag))
      await importLimit(() => importStream(deps.client, key, tags))
      return settled
    },
  }
}

/** The scheduled tags of all streams, kept by a watch: by part, then by stream. */
function createFollowed({ client, scheduled, intervals }: ScheduleDeps) {
  const byPart = new Map<ObjectKey, Map<ObjectKey, ScheduledTag[]>>()
  const partsOf = new Map<ObjectKey, ObjectKey[]>()
  /** By stream, then by tag: few tags are held. */
  const rejected = new Map<ObjectKey, Map<string, readonly string[]>>()

  const withRejected = (key: ObjectKey, tag: ScheduledTag): ScheduledTag => {
    const images = rejected.get(key)?.get(tag.tag) ?? []
    return images.length === 0 && tag.rejected.length === 0 ? tag : { ...tag, rejected: images }
  }

  /** The parts in which there is something else to look at, or at other times. */
  const note = (stream: ImageStream | undefined, key: ObjectKey): ObjectKey[] => {
    const all = stream === undefined ? [] : scheduledTags(stream, intervals)
    const tags = all.map((tag) => withRejected(key, tag))
    const fresh = groupByPart(tags)
    const before = partsOf.get(key) ?? []
    const changed = [...new Set([...before, ...fresh.keys()])].filter(
      (part) => looksOf(fresh.get(part) ?? []) !== looksOf(byPart.get(part)?.get(key) ?? []),
    )
    for (const part of before) byPart.get(part)?.delete(key)
    for (const [part, own] of fresh) {
      const streams = byPart.get(part) ?? new Map<ObjectKey, ScheduledTag[]>()
      byPart.set(part, streams.set(key, own))
    }
    if (fresh.size === 0) partsOf.delete(key)
    else partsOf.set(key, [...fresh.keys()])
    return changed
  }

  const source: KeySource = async function* (signal) {
    byPart.clear()
    partsOf.clear()
    for await (const { type, object } of presentAndChanges(client, imageStreams, scheduled, signal)) {
      yield* note(type === 'DELETED' ? undefined : object, keyOf(object))
    }
  }

  const refresh = (key: ObjectKey): void => {
    for (const part of partsOf.get(key) ?? []) {
      const own = byPart.get(part)
      own?.set(
        key,
        (own.get(key) ?? []).map((each) => withRejected(key, each)),
      )
    }
  }

  const noteHold = ({ metadata, stream, tag, rejected: images }: TagHold, isGone: boolean): ObjectKey => {
    const key = `${metadata.namespace ?? ''}/${stream}`
    const held = rejected.get(key) ?? new Map<string, readonly string[]>()
    if (isGone) held.delete(tag)
    else held.set(tag, images)
    if (held.size === 0) rejected.delete(key)
    else rejected.set(key, held)
    refresh(key)
    return key
  }

  /** A tag that is let go may be behind at once. */
  const holds: KeySource = async function* (signal) {
    const before = [...rejected.keys()]
    rejected.clear()
    for (const key of before) refresh(key)
    for await (const event of client.watch(tagHolds, '', { signal })) {
      if (event.type === 'ERROR') throw new Error(event.object.message ?? 'the watch ended')
      if (event.type !== 'BOOKMARK') yield noteHold(event.object, event.type === 'DELETED')
    }
  }
  return {
    source,
    holds,
    tags: (part: ObjectKey) => [...(byPart.get(part)?.values() ?? [])].flat(),
    entriesOf: (key: ObjectKey) =>
      (partsOf.get(key) ?? []).flatMap((part) =>
        (byPart.get(part)?.get(key) ?? []).map((tag) => ({ part, tag })),
      ),
  }
}

function groupByPart(tags: readonly ScheduledTag[]): Map<ObjectKey, ScheduledTag[]> {
  return Map.groupBy(tags, ({ probe }) => `${sweepPrefix}${Math.floor(fractionOf(probe) * parts)}`)
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
/** How long a host that could not be reached is taken for lost. Milliseconds. */
const lostFor = 30_000

type Found = (probe: Probe, outcome: ProbeOutcome) => void

/** A few probes at a time, over all parts; a host that is lost is not asked for each of its references. */
function createProber(deps: ScheduleDeps) {
  const limit = pLimit(probesAtOnce)
  const lost = new Map<string, { outcome: ProbeOutcome; until: number }>()
  const ask = async (probe: Probe, signal: AbortSignal): Promise<ProbeOutcome> => {
    const [{ host, insecure } = { host: '', insecure: false }] = probe.followers
    const place = `${insecure} ${host}`
    const known = lost.get(place)
    if (known !== undefined && known.until > performance.now()) return known.outcome
    lost.delete(place)
    const outcome = await deps.probe(probe, signal)
    if (outcome.kind === 'failed' && unreachable.has(outcome.problem)) {
      lost.set(place, { outcome, until: performance.now() + lostFor })
    }
    return outcome
  }
  return async (probes: readonly Probe[], signal: AbortSignal, found: Found): Promise<void> => {
    await Promise.all(probes.map((probe) => limit(async () => found(probe, await ask(probe, signal)))))
  }
}

function soonest(memory: ReadonlyMap<string, ProbeMemory>): number | undefined {
  let at = Number.POSITIVE_INFINITY
  for (const { nextAt } of memory.values()) at = Math.min(at, nextAt)
  return Number.isFinite(at) ? at : undefined
}

/** Only the tags that are behind: a stream may follow many references. */
async function importStream(client: Client, key: ObjectKey, tags: ReadonlySet<string>): Promise<void> {
  const [namespace, name] = splitKey(key)
  try {
    const request = scheduledImportRequestFor(await client.get(imageStreams, namespace, name))
    if (request === undefined) return
    const images = request.spec.images?.filter(({ to }) => tags.has(to?.name ?? ''))
    if (images === undefined || images.length === 0) return
    const due = { ...request, spec: { ...request.spec, images } }
    await client.create(imageStreamImports, namespace, due, { cause: 'schedule' })
  } catch (error) {
    if (!isApiError(error, 'NotFound')) throw error
  }
}
