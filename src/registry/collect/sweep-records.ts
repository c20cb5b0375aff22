import type { BlobStore } from '../../blobs/index.ts'
import type { Store } from '../../store/index.ts'
import type { Leases } from '../leases.ts'
import { manifestsPrefix, type RepositoryRecords } from '../repository-records.ts'
import { parseManifestKey } from './mark-blobs.ts'
import type { Marks } from './marks.ts'
import type { Breathe } from './pacer.ts'
import { walk } from './walk.ts'

export interface SweepRecordsOptions {
  store: Store
  blobs: BlobStore
  records: Pick<RepositoryRecords, 'deleteManifest'>
  leases: Leases
  marks: Marks
  breathe: Breathe
  isDryRun?: boolean
}

/** Drops records of manifests that nothing holds and whose bytes are gone, from the trash as well. Resolves to how many. */
export async function sweepRecords(options: SweepRecordsOptions): Promise<number> {
  const { store, blobs, records, leases, marks, breathe, isDryRun } = options
  let dropped = 0
  for await (const { key } of walk(store, manifestsPrefix, breathe)) {
    const found = parseManifestKey(key)
    if (found === undefined || marks.has(found.digest) || leases.lastUse(found.digest) !== undefined) continue
    const isSomewhere = (await blobs.stat(found.digest)) ?? (await blobs.trash.stat(found.digest))
    if (isSomewhere !== undefined || leases.lastUse(found.digest) !== undefined) continue
    if (isDryRun !== true) await records.deleteManifest(found.repository, found.digest)
    dropped++
  }
  return dropped
}
