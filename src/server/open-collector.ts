import type { BlobStore } from '../blobs/index.ts'
import {
  type Collector,
  createCollector,
  createImageWrites,
  createLeasedBlobs,
  createLeases,
  type Leases,
  openRepositoryRecords,
  type RepositoryRecords,
} from '../registry/index.ts'
import type { ImageEndpointDeps } from '../resources/image/index.ts'
import type { Config } from './config.ts'

export interface OpenCollector extends AsyncDisposable {
  collector: Collector
  leases: Leases
  /** One set for all: each keeps what it read in memory. */
  records: RepositoryRecords
  /** The blobs for everybody but the collector. */
  blobs: BlobStore
}

/** What decides which blobs stay, and the view of them that it needs everybody else to have. */
export function openCollector(config: Config, deps: ImageEndpointDeps, blobs: BlobStore): OpenCollector {
  const { store, clock, system } = deps
  const records = openRepositoryRecords({ store })
  const leases = createLeases({ clock, grace: config.garbageCollection.grace })
  const isPruned = async (digest: Parameters<typeof records.pruned>[0]) =>
    (await records.pruned(digest)) !== undefined
  return {
    records,
    leases,
    blobs: createLeasedBlobs({ blobs, leases, isPruned }),
    collector: createCollector({
      store,
      blobs,
      records,
      leases,
      clock,
      trashPeriod: config.garbageCollection.trash,
      // Only an administrator gets here: streams are made by the program itself.
      writes: createImageWrites(system, () => system),
      serverAddress: deps.settings.internalRegistry,
    }),
    [Symbol.asyncDispose]: () => records[Symbol.asyncDispose](),
  }
}
