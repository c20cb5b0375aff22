import { createHash } from 'node:crypto'
import type { BlobStore } from '../../blobs/index.ts'
import { createDigestTable, type Digest, digestAlgorithm } from '../../oci/index.ts'
import type { Store } from '../../store/index.ts'
import type { Leases } from '../leases.ts'
import type { RepositoryRecords } from '../repository-records.ts'
import { checkImages } from './check-images.ts'
import { checkRecords } from './check-records.ts'
import { restoreBlob } from './collect-blobs.ts'
import { markBlobs } from './mark-blobs.ts'
import { type Marks, openMarks } from './marks.ts'
import { type Breathe, createPacer } from './pacer.ts'

/** One difference between what is recorded and what is stored. */
export interface Finding {
  kind:
    | 'damaged-blob'
    | 'missing-blob'
    | 'discarded-blob'
    | 'missing-image'
    | 'dangling-record'
    | 'unknown-project'
    | 'unreferenced-blob'
    | 'leftover'
  text: string
  /** Absent where only a person can help. */
  repair?(): Promise<void>
}

export interface CheckDeps {
  store: Store
  blobs: BlobStore
  records: RepositoryRecords
  leases: Leases
  /** Makes the Image of a manifest that is stored; false when that cannot be. */
  makeImage(repository: string, digest: Digest): Promise<boolean>
}

export interface CheckOptions {
  /** Reads every blob and compares its digest. */
  isDeep: boolean
  signal: AbortSignal
}

/** What is there of a blob. */
export type Whereabouts = 'stored' | 'discarded' | 'absent'

export interface Checking extends CheckDeps {
  marks: Marks
  breathe: Breathe
  /** Asks the disk once for each blob. */
  find(digest: Digest): Promise<Whereabouts>
}

const places: readonly Whereabouts[] = ['stored', 'discarded', 'absent']

/**
 * The whole store against the whole blob store; differences as they are found. Repairs may be made between two of them. Nobody may
 * be using either meanwhile.
 */
export async function* checkStorage(
  deps: CheckDeps,
  { isDeep, signal }: CheckOptions,
): AsyncGenerator<Finding> {
  const { blobs } = deps
  const breathe = createPacer(signal)
  using marks = openMarks()
  // Damaged blobs first: what they take along is missing for those that come after.
  if (isDeep) yield* checkContent(blobs, breathe)
  await markBlobs(deps, marks, breathe)
  const known = createDigestTable()
  const checking: Checking = {
    ...deps,
    marks,
    breathe,
    async find(digest) {
      const before = known.get(digest)
      if (before !== undefined) return places[before] as Whereabouts
      const place: Whereabouts =
        (await blobs.stat(digest)) !== undefined
          ? 'stored'
          : (await blobs.trash.stat(digest)) === undefined
            ? 'absent'
            : 'discarded'
      known.set(digest, places.indexOf(place))
      return place
    },
  }
  yield* checkImages(checking)
  yield* checkRecords(checking)
  yield* checkBlobs(checking)
}

async function* checkContent(blobs: BlobStore, breathe: Breathe): AsyncGenerator<Finding> {
  for await (const digest of blobs.digests()) {
    await breathe()
    const opened = await blobs.open(digest)
    if (opened === undefined) continue
    const algorithm = digestAlgorithm(digest)
    const hash = createHash(algorithm)
    for await (const chunk of opened.stream) hash.update(chunk as Uint8Array)
    const actual = `${algorithm}:${hash.digest('hex')}`
    if (actual === digest) continue
    yield {
      kind: 'damaged-blob',
      text: `blob ${digest} holds other bytes, with digest ${actual}`,
      repair: async () => void (await blobs.delete(digest)),
    }
  }
}

async function* checkBlobs(checking: Checking): AsyncGenerator<Finding> {
  const { blobs, records, marks, breathe } = checking
  for await (const digest of blobs.digests()) {
    await breathe()
    if (marks.has(digest) || (await blobs.stat(digest)) === undefined) continue
    yield {
      kind: 'unreferenced-blob',
      text: `blob ${digest} is needed by nothing; the trash takes it`,
      repair: async () => void (await blobs.trash.discard(digest)),
    }
  }
  for await (const { digest } of blobs.trash.list()) {
    await breathe()
    if (!marks.has(digest) || (await blobs.stat(digest)) !== undefined) continue
    yield {
      kind: 'discarded-blob',
      text: `blob ${digest} is needed, and lies in the trash`,
      repair: async () => void (await restoreBlob({ blobs, records }, digest)),
    }
  }
}
