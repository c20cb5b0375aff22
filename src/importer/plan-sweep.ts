import { choosePlatform } from '../image/index.ts'
import type { Descriptor } from '../oci/index.ts'
import { isIndexManifestType } from '../oci/index.ts'
import type { ScheduledTag } from './scheduled-tags.ts'

/**
 * When to look at which upstream reference, and what a look means (import.md §8, design.md §5): one HEAD serves all tags
 * that follow the same reference, whoever owns them. Pure: memory in, memory out. Lost memory costs one look too many.
 */

/** What is remembered of one upstream reference. Times in milliseconds since the epoch. */
export interface ProbeMemory {
  /** What the registry said last: the digest of a list too, which no tag's image may equal. */
  digest: string
  content?: ProbedContent
  /** The kind of the last failure, '' after a good answer. */
  problem: string
  /** Failures in a row. */
  failures: number
  nextAt: number
}

/** What a digest is of: an image, or a list with these entries. */
export type ProbedContent = 'image' | readonly Descriptor[]

export type SweepMemory = ReadonlyMap<string, ProbeMemory>

export interface Probe {
  key: string
  /** All that follow the reference, ordered by namespace, stream and tag. */
  followers: ScheduledTag[]
  dueAt: number
  /** What the last look found. */
  known?: ProbeMemory
}

export interface SweepPlan {
  /** Due now, most overdue first, at most `most`. */
  probes: Probe[]
  /** When there is something to do again; undefined when nothing is scheduled. */
  wakeAt: number | undefined
  /** With the newcomers, without what nobody follows any more. */
  memory: SweepMemory
}

export interface SweepSettings {
  /** The most looks in one sweep; < 0: all. */
  most: number
  /** Part of an interval by which looks are spread, 0 to 1. */
  jitter: number
  longestBackoff: number
}

export const defaultSweepSettings: SweepSettings = { most: 500, jitter: 0.1, longestBackoff: 6 * 3_600_000 }

export function planSweep(
  tags: readonly ScheduledTag[],
  memory: SweepMemory,
  now: number,
  settings: SweepSettings,
): SweepPlan {
  const next = new Map<string, ProbeMemory>()
  const due: Probe[] = []
  let waitingUntil = Number.POSITIVE_INFINITY
  for (const [key, followers] of groupByProbe(tags)) {
    const known = memory.get(key) ?? firstMemory(key, followers, now)
    // A follower with a shorter interval than the one that was counted on may be due earlier.
    const latest = now + shortestOf(followers) * (1 + settings.jitter)
    const dueAt = known.failures > 0 ? known.nextAt : Math.min(known.nextAt, latest)
    next.set(key, { ...known, nextAt: dueAt })
    if (dueAt <= now) due.push({ key, followers, dueAt, known })
    else waitingUntil = Math.min(waitingUntil, dueAt)
  }
  due.sort((a, b) => a.dueAt - b.dueAt || compareText(a.key, b.key))
  const chosen = settings.most < 0 ? due : due.slice(0, settings.most)
  const wakeAt = due[chosen.length]?.dueAt ?? waitingUntil
  return {
    probes: chosen.map((probe) => ({ ...probe, followers: probe.followers.toSorted(compareFollowers) })),
    wakeAt: wakeAt === Number.POSITIVE_INFINITY ? undefined : wakeAt,
    memory: next,
  }
}

function groupByProbe(tags: readonly ScheduledTag[]): Map<string, ScheduledTag[]> {
  const groups = new Map<string, ScheduledTag[]>()
  for (const tag of tags) {
    const known = groups.get(tag.probe)
    if (known === undefined) groups.set(tag.probe, [tag])
    else known.push(tag)
  }
  return groups
}

/** A newcomer was just imported, or will be by the import controller: its turn comes within one interval. */
function firstMemory(key: string, followers: readonly ScheduledTag[], now: number): ProbeMemory {
  const spread = fractionOf(`${key} first`)
  return { digest: '', problem: '', failures: 0, nextAt: now + shortestOf(followers) * (0.5 + spread / 2) }
}

function shortestOf(followers: readonly ScheduledTag[]): number {
  return followers.reduce((shortest, { interval }) => Math.min(shortest, interval), Number.POSITIVE_INFINITY)
}

function compareFollowers(a: ScheduledTag, b: ScheduledTag): number {
  return compareText(a.namespace, b.namespace) || compareText(a.stream, b.stream) || compareText(a.tag, b.tag)
}

function compareText(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

/** What a look found. */
export type ProbeOutcome =
  /** Without `content`, what the digest is of could not be found out. */
  | { kind: 'digest'; digest: string; content?: ProbedContent }
  /**
   * `problem` names the failure, so that the same one isn't imported again and again; '' for one that is no concern of
   * the tags. A temporary one has to happen twice.
   */
  | { kind: 'failed'; problem: string; isTemporary: boolean; retryAfterSeconds?: number }

export interface ProbeResult {
  memory: ProbeMemory
  /** Tags that need an import now. */
  imports: ScheduledTag[]
}

export function applyProbe(
  probe: Probe,
  known: ProbeMemory | undefined,
  outcome: ProbeOutcome,
  now: number,
  settings: SweepSettings,
): ProbeResult {
  const before = known ?? { digest: '', problem: '', failures: 0, nextAt: now }
  const interval = shortestOf(probe.followers)
  if (outcome.kind === 'digest') {
    const nextAt = now + jittered(interval, `${probe.key} ${now}`, settings.jitter)
    const { digest, content } = outcome
    const memory = { digest, ...(content && { content }), problem: '', failures: 0, nextAt }
    return { memory, imports: probe.followers.filter((tag) => needsImport(tag, outcome, before)) }
  }
  const failures = before.failures + 1
  const isSure = !outcome.isTemporary || failures > 1
  const isNews = outcome.problem !== '' && outcome.problem !== before.problem && isSure
  const backoff = Math.max(
    interval,
    Math.min(settings.longestBackoff, interval * 2 ** Math.min(failures - 1, 10)),
  )
  const wait = Math.max(
    jittered(backoff, `${probe.key} ${now}`, settings.jitter),
    (outcome.retryAfterSeconds ?? 0) * 1000,
  )
  const memory = {
    ...before,
    problem: isNews ? outcome.problem : before.problem,
    failures,
    nextAt: now + wait,
  }
  // A lasting failure is written to the tags once, by an import that fails the same way.
  return { memory, imports: isNews ? probe.followers : [] }
}

/** Whether the tag still lacks what the last look found: it may have been imported by others since. */
export function isBehind(tag: ScheduledTag, known: ProbeMemory | undefined): boolean {
  if (known === undefined) return false
  if (known.problem !== '') return !tag.hasFailed
  return needsImport(tag, known, { ...known, digest: '' })
}

/** A tag may hold the digest itself, or what an import takes out of the list that the digest is of. */
function needsImport(
  tag: ScheduledTag,
  { digest, content }: { digest: string; content?: ProbedContent },
  before: ProbeMemory,
): boolean {
  if (digest === '' || tag.image === '' || tag.hasFailed || before.problem !== '') return true
  if (tag.image === digest || tag.rejected.includes(digest)) return false
  if (content === 'image' || (content !== undefined && tag.keepsLists)) return true
  const chosen = content === undefined ? undefined : choosePlatform(content, tag.platform)
  if (chosen !== undefined && !isIndexManifestType(chosen.mediaType)) {
    return tag.image !== chosen.digest && !tag.rejected.includes(chosen.digest)
  }
  // A list that can't be read, or one of lists: only a digest that was not seen before means anything.
  return before.digest !== digest
}

/** Up to `jitter` earlier or later; the same text always gives the same. */
function jittered(milliseconds: number, seed: string, jitter: number): number {
  return Math.round(milliseconds * (1 + jitter * (2 * fractionOf(seed) - 1)))
}

/** FNV-1a as a fraction of 1: spreads keys, needs no randomness. */
export function fractionOf(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  // FNV's high bits vary little between texts that differ at the end.
  hash ^= hash >>> 15
  hash = Math.imul(hash, 0x2c1b3c6d)
  return ((hash ^ (hash >>> 12)) >>> 0) / 2 ** 32
}
