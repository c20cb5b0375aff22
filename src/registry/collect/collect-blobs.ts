import type { BlobStat, BlobStore, DiscardedBlob } from '../../blobs/index.ts'
import type { Digest } from '../../oci/index.ts'
import { whereThereIsRoom } from '../../scratch/index.ts'
import type { Leases } from '../leases.ts'
import type { RepositoryRecords } from '../repository-records.ts'
import { inParallel } from './in-parallel.ts'
import { type BlobVerdict, type JudgeSettings, judgeBlob, judgeDiscarded } from './judge-blob.ts'
import { type MarkDeps, markBlobs, markChanges } from './mark-blobs.ts'
import { type Marks, openMarks } from './marks.ts'
import { type Breathe, createPacer } from './pacer.ts'
import { sweepRecords } from './sweep-records.ts'

export interface CollectDeps extends MarkDeps {
  records: RepositoryRecords
  clock(): Date
  /** Milliseconds. */
  trashPeriod: number
}

export interface CollectOptions {
  /** Says what would be done, and does nothing. */
  isDryRun?: boolean
  /** Deletes what is in the trash, however short a while it has been there. */
  emptiesTrash?: boolean
  signal: AbortSignal
}

export interface Tally {
  blobs: number
  /** Bytes. */
  bytes: number
}

export interface CollectionReport {
  started: Date
  finished: Date
  isDryRun: boolean
  images: number
  streams: number
  /** Blobs that something refers to. */
  kept: number
  /** Nothing refers to them, but they were in use a short while ago. */
  waiting: number
  discarded: Tally
  restored: Tally
  deleted: Tally
  /** What lies in the trash now. */
  trash: Tally
  /** Records of manifests whose bytes are gone. */
  records: number
  /** What was, or would be, done to which blob; not all of a great many. */
  actions: BlobAction[]
}

export interface BlobAction {
  digest: Digest
  size: number
  action: 'discard' | 'restore' | 'delete'
}

const mostActions = 10_000
/** Repositories that are asked whether somebody pushes to them. */
const mostHolders = 1000

interface Run extends CollectDeps, CollectOptions {
  marks: Marks
  breathe: Breathe
  report: CollectionReport
  settings: JudgeSettings
}

const nothing = (): Tally => ({ blobs: 0, bytes: 0 })

/**
 * One collection (docs/decisions/023-collecting-blobs.md): marks everything that must stay, moves the rest into the trash,
 * deletes from the trash what nobody wanted back. Clients go on meanwhile. May be broken off at any point: the next
 * collection begins afresh.
 */
export function collectBlobs(deps: CollectDeps, options: CollectOptions): Promise<CollectionReport> {
  return whereThereIsRoom(async (place) => {
    using marks = openMarks({ place })
    return await collectUnmarked(deps, options, marks)
  })
}

async function collectUnmarked(
  deps: CollectDeps,
  options: CollectOptions,
  marks: Marks,
): Promise<CollectionReport> {
  const { leases, clock } = deps
  leases.tidy()
  const started = clock()
  const stopping = new AbortController()
  const signal = AbortSignal.any([options.signal, stopping.signal])
  const breathe = createPacer(signal)
  // Falling behind with what is written ends the collection: marks that lack something are worth nothing.
  const following = markChanges(deps.store, marks, signal).catch((error: unknown) => stopping.abort(error))
  const run: Run = {
    ...deps,
    ...options,
    marks,
    breathe,
    report: emptyReport(started, options.isDryRun ?? false),
    settings: {
      now: started.getTime(),
      grace: leases.grace,
      trashPeriod: options.emptiesTrash === true ? 0 : deps.trashPeriod,
      since: options.emptiesTrash === true ? 0 : leases.since,
    },
  }
  try {
    const restore = async (digest: Digest): Promise<void> => {
      const found = await restoreBlob(run, digest)
      if (found !== undefined) note(run, 'restore', digest, found.size)
    }
    Object.assign(
      run.report,
      await markBlobs(options.isDryRun === true ? deps : { ...deps, restore }, marks, breathe),
    )
    await sweepTrash(run)
    await sweepBlobs(run)
    run.report.records = await sweepRecords(run)
  } finally {
    stopping.abort()
    await following
  }
  return { ...run.report, finished: clock() }
}

function emptyReport(started: Date, isDryRun: boolean): CollectionReport {
  return {
    started,
    finished: started,
    isDryRun,
    images: 0,
    streams: 0,
    kept: 0,
    waiting: 0,
    discarded: nothing(),
    restored: nothing(),
    deleted: nothing(),
    trash: nothing(),
    records: 0,
    actions: [],
  }
}

function note({ report }: Run, action: BlobAction['action'], digest: Digest, size: number): void {
  const tally = { discard: report.discarded, restore: report.restored, delete: report.deleted }[action]
  tally.blobs++
  tally.bytes += size
  if (report.actions.length < mostActions) report.actions.push({ digest, size, action })
}

function keepInTrash({ report }: Run, size: number): void {
  report.trash.blobs++
  report.trash.bytes += size
}

/** When a repository that links the blob was last written to. */
export async function lastWorkOn(
  digest: Digest,
  { leases, records }: { leases: Leases; records: Pick<RepositoryRecords, 'holders'> },
): Promise<number | undefined> {
  if (!leases.isAnyoneWorking) return undefined
  const times = (await records.holders(digest, mostHolders)).map((name) => leases.lastWork(name) ?? 0)
  const latest = Math.max(0, ...times)
  return latest === 0 ? undefined : latest
}

/** Files that are moved or deleted at once: each is a few waits for the disk, and of its four threads one is left to clients. */
const atOnce = 3

async function* unmarked(run: Run): AsyncGenerator<Digest> {
  for await (const digest of run.blobs.digests()) {
    await run.breathe()
    if (run.marks.has(digest)) run.report.kept++
    else yield digest
  }
}

const sweepBlobs = (run: Run): Promise<void> =>
  inParallel(atOnce, unmarked(run), (digest) => sweepBlob(run, digest))

/** The time since leases are complete is shorter than the grace time: ask the disk how old the blob is. */
const isFreshStart = ({ now, since, grace }: JudgeSettings): boolean => now - since < grace

export async function writtenAt(blobs: BlobStore, digest: Digest, settings: JudgeSettings) {
  return isFreshStart(settings) ? (await blobs.written(digest))?.getTime() : undefined
}

async function sweepBlob(run: Run, digest: Digest): Promise<void> {
  const { blobs, leases, marks, report, settings, isDryRun } = run
  const lastWork = await lastWorkOn(digest, run)
  const written = await writtenAt(blobs, digest, settings)
  // From here to the condemnation nothing is waited for: who touches the blob later finds it condemned.
  const verdict: BlobVerdict = judgeBlob(
    { isMarked: marks.has(digest), lastUse: leases.lastUse(digest), lastWork, written },
    settings,
  )
  if (verdict.kind === 'keep') report.kept++
  if (verdict.kind === 'wait') report.waiting++
  if (verdict.kind !== 'discard') return
  const moved =
    isDryRun === true
      ? await blobs.stat(digest)
      : await leases.condemn(digest, () => blobs.trash.discard(digest))
  if (moved === undefined) return
  note(run, 'discard', digest, moved.size)
  keepInTrash(run, moved.size)
}

async function* discardedBlobs(run: Run): AsyncGenerator<DiscardedBlob> {
  for await (const blob of run.blobs.trash.list()) {
    await run.breathe()
    yield blob
  }
}

const sweepTrash = (run: Run): Promise<void> =>
  inParallel(atOnce, discardedBlobs(run), ({ digest, size, discarded }) =>
    sweepDiscarded(run, digest, size, discarded.getTime()),
  )

async function sweepDiscarded(run: Run, digest: Digest, size: number, discarded: number): Promise<void> {
  const { blobs, leases, marks, records, settings, isDryRun } = run
  const isPruned = (await records.pruned(digest)) !== undefined
  const isStoredAgain = (await blobs.stat(digest)) !== undefined
  const verdict = judgeDiscarded(
    { isMarked: marks.has(digest), lastUse: leases.lastUse(digest), discarded, isPruned, isStoredAgain },
    settings,
  )
  switch (verdict.kind) {
    case 'wait':
      return keepInTrash(run, size)
    case 'restore':
      if (isDryRun !== true) await restoreBlob(run, digest)
      return note(run, 'restore', digest, size)
    case 'delete':
      if (isDryRun !== true) await leases.condemn(digest, () => deleteForGood(run, digest, verdict.why))
      return note(run, 'delete', digest, size)
  }
}

/** Brings the blob back, for those who had it too. */
export async function restoreBlob(
  { blobs, records }: Pick<CollectDeps, 'blobs' | 'records'>,
  digest: Digest,
): Promise<BlobStat | undefined> {
  const restored = await blobs.trash.restore(digest)
  if (restored !== undefined) await records.unprune(digest)
  return restored
}

/** Links first: a crash in between leaves bytes in the trash, not a repository that shows what is gone. */
async function deleteForGood(
  { blobs, records }: Run,
  digest: Digest,
  why: 'stored-again' | 'expired',
): Promise<void> {
  if (why === 'expired') await records.unlinkEverywhere(digest)
  await records.forgetPruned(digest)
  await blobs.trash.delete(digest)
}
