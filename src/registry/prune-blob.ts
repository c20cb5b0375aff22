import type { BlobStore } from '../blobs/index.ts'
import type { Digest } from '../oci/index.ts'
import type { Leases } from './leases.ts'
import type { RepositoryRecords } from './repository-records.ts'

export interface PruneBlobOptions {
  blobs: Pick<BlobStore, 'delete' | 'trash'>
  records: Pick<RepositoryRecords, 'unlinkEverywhere' | 'prune'>
  leases: Leases
  clock(): Date
  keepsPruned: boolean
}

/**
 * B-102: whoever prunes has made sure that nothing needs it. Only a push that is asking for it at this very moment knows
 * better; what it leaves behind is collected later.
 */
export type PruneBlob = (digest: Digest) => Promise<void>

export function createPruneBlob({ blobs, records, leases, clock, keepsPruned }: PruneBlobOptions): PruneBlob {
  return async (digest) => {
    await leases.settled(digest)
    if (leases.isInHand(digest)) return
    await leases.condemn(digest, async () => {
      if (!keepsPruned) {
        await records.unlinkEverywhere(digest)
        await blobs.delete(digest)
        return
      }
      const kept = (await blobs.trash.discard(digest)) ?? (await blobs.trash.stat(digest))
      if (kept === undefined) await records.unlinkEverywhere(digest)
      else await records.prune(digest, clock())
    })
  }
}
