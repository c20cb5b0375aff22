import { type ImageStream, imageStreams } from '../../api/image/index.ts'
import type { BlobStore } from '../../blobs/index.ts'
import { type Digest, parseDigest } from '../../oci/index.ts'
import { objectKey } from '../../resources/keys.ts'
import { decodeObject } from '../../resources/object-codec.ts'
import { whereThereIsRoom } from '../../scratch/index.ts'
import type { Store } from '../../store/index.ts'
import type { Leases } from '../leases.ts'
import {
  linksPrefix,
  type ManifestRecord,
  manifestsPrefix,
  type RepositoryRecords,
} from '../repository-records.ts'
import { holdsOfStream } from './image-holds.ts'
import { holdsOfStored, markBlobs, parseManifestKey } from './mark-blobs.ts'
import { type Marks, openMarks } from './marks.ts'
import { createPacer } from './pacer.ts'
import { walk } from './walk.ts'

export interface HardPruneDeps {
  store: Store
  blobs: BlobStore
  records: RepositoryRecords
  leases: Leases
}

export interface HardPruneOptions {
  mode: 'check' | 'delete'
  /** A line of the log for each thing that goes. */
  log(line: string): void
  signal: AbortSignal
}

/** Told as it grows, so that an end half-way can be told of too. */
export interface HardPruneTotals {
  blobs: number
  bytes: number
}

interface Run extends HardPruneDeps, HardPruneOptions {
  totals: HardPruneTotals
  marks: Marks
}

/**
 * The storage against the API (pruning.md §9): what no Image and no history needs goes, however young. Nobody may be using
 * either meanwhile.
 */
export function hardPrune(
  deps: HardPruneDeps,
  options: HardPruneOptions,
  totals: HardPruneTotals,
): Promise<void> {
  return whereThereIsRoom(async (place) => {
    using marks = openMarks({ place })
    await markBlobs(deps, marks, createPacer(options.signal))
    await pruneUnmarked(deps, options, totals, marks)
  })
}

async function pruneUnmarked(
  deps: HardPruneDeps,
  options: HardPruneOptions,
  totals: HardPruneTotals,
  marks: Marks,
): Promise<void> {
  const run: Run = { ...deps, ...options, totals, marks }
  await pruneRepositories(run)
  await pruneBlobs(run)
}

/** `Would delete …` or `Deleting …`. */
function announce({ mode, log }: Run, what: string): void {
  log(`${mode === 'check' ? 'Would delete' : 'Deleting'} ${what}`)
}

async function pruneRepositories(run: Run): Promise<void> {
  const breathe = createPacer(run.signal)
  let gone: string | undefined
  let known: { repository: string; reach: ReadonlySet<Digest> } | undefined
  for await (const { key, value } of walk(run.store, manifestsPrefix, breathe)) {
    const found = parseManifestKey(key)
    if (found === undefined || found.repository === gone) continue
    if (known?.repository !== found.repository) {
      const reach = await reachOf(run, found.repository)
      if (reach === undefined) {
        gone = found.repository
        await deleteRepository(run, gone)
        continue
      }
      known = { repository: found.repository, reach }
    }
    const { subject } = JSON.parse(Buffer.from(value).toString('utf8')) as ManifestRecord
    await pruneManifest(run, found, subject, known.reach)
  }
  await pruneOrphanedLinks(run)
}

/** Everything that the stream's history leads to; undefined without a stream. */
async function reachOf({ store, blobs }: Run, repository: string): Promise<Set<Digest> | undefined> {
  const [namespace = '', name = ''] = repository.split('/')
  const entry = await store.get(objectKey(imageStreams, namespace, name))
  if (entry === undefined) return undefined
  const reach = new Set<Digest>()
  const pending = holdsOfStream(decodeObject(entry.value, entry.revision) as ImageStream)
  for (let digest = pending.pop(); digest !== undefined; digest = pending.pop()) {
    if (reach.has(digest)) continue
    reach.add(digest)
    pending.push(...((await holdsOfStored(blobs, digest))?.children ?? []))
  }
  return reach
}

/** Kept: in use, and in the stream's history, below it, or referring to what is (§9.2 and EXT). */
async function pruneManifest(
  run: Run,
  { repository, digest }: { repository: string; digest: Digest },
  subject: Digest | undefined,
  reach: ReadonlySet<Digest>,
): Promise<void> {
  const isReached = reach.has(digest) || (await refersInto(run, repository, subject, reach))
  if (run.marks.has(digest) && isReached) return
  announce(run, `manifest link: ${repository}@${digest}`)
  if (run.mode === 'delete') await run.records.deleteManifest(repository, digest)
}

const mostSubjects = 16

async function refersInto(
  { records }: Run,
  repository: string,
  subject: Digest | undefined,
  reach: ReadonlySet<Digest>,
): Promise<boolean> {
  let next = subject
  for (let depth = 0; next !== undefined && depth < mostSubjects; depth++) {
    if (reach.has(next)) return true
    next = (await records.manifest(repository, next))?.subject
  }
  return false
}

async function deleteRepository(run: Run, repository: string): Promise<void> {
  announce(run, `repository: ${repository}`)
  if (run.mode === 'check') return
  for (const prefix of [manifestsPrefix, linksPrefix]) {
    const { entries } = await run.store.list(`${prefix}${repository}/`)
    for (const { key } of entries) {
      const digest = parseDigest(key.slice(key.lastIndexOf('/') + 1))
      if (digest === undefined) continue
      if (prefix === manifestsPrefix) await run.records.deleteManifest(repository, digest)
      else await run.records.unlinkBlob(repository, digest)
    }
  }
}

/** Repositories that hold blobs and no manifest are gone with their stream as well. */
async function pruneOrphanedLinks(run: Run): Promise<void> {
  const breathe = createPacer(run.signal)
  let seen = ''
  for await (const { key } of walk(run.store, linksPrefix, breathe)) {
    const rest = key.slice(linksPrefix.length)
    const repository = rest.slice(0, rest.lastIndexOf('/'))
    if (repository === seen) continue
    seen = repository
    const [namespace = '', name = ''] = repository.split('/')
    const hasStream = (await run.store.get(objectKey(imageStreams, namespace, name))) !== undefined
    const manifests = await run.store.list(`${manifestsPrefix}${repository}/`, { limit: 1, remaining: 'any' })
    // With manifests it has been announced already.
    if (!hasStream && manifests.entries.length === 0) await deleteRepository(run, repository)
  }
}

async function pruneBlobs(run: Run): Promise<void> {
  const { blobs, records, marks, totals, mode } = run
  const breathe = createPacer(run.signal)
  const take = async (digest: Digest, size: number, remove: () => Promise<boolean>): Promise<void> => {
    announce(run, `blob: ${digest}`)
    if (mode === 'delete') {
      await records.unlinkEverywhere(digest)
      await records.forgetPruned(digest)
      await remove()
    }
    totals.blobs++
    totals.bytes += size
  }
  for await (const digest of blobs.digests()) {
    await breathe()
    const stored = marks.has(digest) ? undefined : await blobs.stat(digest)
    if (stored !== undefined) await take(digest, stored.size, () => blobs.delete(digest))
  }
  for await (const { digest, size } of blobs.trash.list()) {
    const isStored = (await blobs.stat(digest)) !== undefined
    if (!marks.has(digest) && !isStored) await take(digest, size, () => blobs.trash.delete(digest))
    else if (mode === 'delete' && !isStored) await blobs.trash.restore(digest)
  }
}
