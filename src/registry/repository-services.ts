import type { Authorize, Subject } from '../access/access.ts'
import type { BlobStore } from '../blobs/index.ts'
import type { Client } from '../client/client.ts'
import type { Store } from '../store/index.ts'
import type { Authenticate } from './access-check.ts'
import { isAllowed } from './access-check.ts'
import { pullRecord } from './access-record.ts'
import { createBlobAccess } from './blob-access.ts'
import { type BlobKnowledge, createBlobKnowledge } from './blob-knowledge.ts'
import { type BlobRoutes, createBlobRoutes } from './blob-routes.ts'
import type { RegistryConfig } from './config.ts'
import { createDeleteManifest, type DeleteManifest } from './delete-manifest.ts'
import type { ImageWrites } from './image-writes.ts'
import type { Leases } from './leases.ts'
import { createGetManifest, type GetManifest } from './manifest-reads.ts'
import { createManifestSource, type ManifestSource } from './manifest-source.ts'
import { createManifestVisibility } from './manifest-visibility.ts'
import type { RegistryMetrics } from './metrics.ts'
import { createMountBlob } from './mount-blob.ts'
import { createPruneBlob, type PruneBlob } from './prune-blob.ts'
import type { PullThrough } from './pull-through.ts'
import { createPushManifest, type PushManifest } from './push-manifest.ts'
import { createListReferrers, type ListReferrers } from './referrer-routes.ts'
import { openRepositoryRecords, type RepositoryRecords } from './repository-records.ts'
import { createSignatureRoutes, type SignatureRoutes } from './signature-routes.ts'
import { createStreamReach } from './stream-reach.ts'
import type { StreamReader } from './stream-reader.ts'
import { createListTagHistory, type ListTagHistory } from './tag-history.ts'
import { createUploadRoutes, type UploadRoutes } from './upload-routes.ts'
import { createUploadStates } from './upload-state.ts'

export interface RepositoryServicesOptions {
  config: RegistryConfig
  client: Client
  clientFor(subject: Subject): Client
  authenticate: Authenticate
  authorize: Authorize
  blobs: BlobStore
  store: Store
  reader: StreamReader
  writes: ImageWrites
  pullThrough?: PullThrough
  admitsBlob?(namespace: string, size: number): Promise<boolean>
  metrics: Pick<RegistryMetrics, 'cacheRequest'>
  records?: RepositoryRecords
  leases: Leases
  clock(): Date
}

/** Everything that answers for a repository, joined once. */
export interface RepositoryServices extends AsyncDisposable {
  blob: BlobRoutes
  upload: UploadRoutes
  signature: SignatureRoutes
  getManifest: GetManifest
  pushManifest: PushManifest
  deleteManifest: DeleteManifest
  listReferrers: ListReferrers
  listTagHistory: ListTagHistory
  pruneBlob: PruneBlob
  knowledge: BlobKnowledge
  records: RepositoryRecords
  manifests: ManifestSource
}

export function openRepositoryServices(options: RepositoryServicesOptions): RepositoryServices {
  const { config, blobs, store, reader, writes, pullThrough, clock, leases } = options
  const { deleteEnabled, serverAddress, acceptSchema2 } = config
  const isStreamBound = config.manifestVisibility === 'stream'
  const knowledge = createBlobKnowledge({
    ttl: config.blobRepositoryTtl,
    clock,
    onRequest: options.metrics.cacheRequest,
    onUse: leases.touch,
  })
  const records = options.records ?? openRepositoryRecords({ store })
  records.listen({
    onUnlinked: knowledge.forget,
    onPulled: (name, digest, link) => knowledge.remember(name, digest, { ...link, isLasting: true }),
  })
  const reach = createStreamReach(reader)
  const manifests = createManifestSource(blobs, config.manifestCacheBytes, leases.touchManifest)
  leases.onCondemned((digest) => {
    knowledge.forgetDigest(digest)
    manifests.forget(digest)
  })
  const access = createBlobAccess({ blobs, records, knowledge, reach, hasPublicBlobs: isStreamBound })
  const visibility = createManifestVisibility({ records, reach, reader, showsLinked: !isStreamBound })
  const admits = options.admitsBlob ?? (async () => true)
  const mount = createMountBlob({
    access,
    records,
    knowledge,
    reader,
    mayPull: (call, source) => isAllowed(options, call.subject, pullRecord(source.name)),
    admits,
  })
  return {
    pruneBlob: createPruneBlob({ blobs, records, leases, clock, keepsPruned: config.keepsPruned }),
    knowledge,
    records,
    manifests,
    blob: createBlobRoutes({ access, blobs, records, knowledge, pullThrough, deleteEnabled, clock }),
    upload: createUploadRoutes({
      blobs,
      records,
      knowledge,
      mount,
      states: createUploadStates(config.secret),
      admits,
    }),
    signature: createSignatureRoutes(options.client, options.clientFor),
    getManifest: createGetManifest({
      manifests,
      visibility,
      reader,
      knowledge,
      pullThrough,
      records,
      clock,
    }),
    pushManifest: createPushManifest({
      reader,
      visibility,
      blobs,
      access,
      records,
      manifests,
      writes,
      pullThrough,
      serverAddress,
      acceptSchema2,
    }),
    deleteManifest: createDeleteManifest({ records, reach, writes, knowledge, deleteEnabled, isStreamBound }),
    listReferrers: createListReferrers({ records, reader, manifests }),
    listTagHistory: createListTagHistory({ client: options.client, reader, blobs }),
    [Symbol.asyncDispose]: async () => {
      if (options.records === undefined) await records[Symbol.asyncDispose]()
    },
  }
}
