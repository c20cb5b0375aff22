export type { Authenticate } from './access-check.ts'
export { askInside } from './ask-inside.ts'
export { type CheckDeps, type CheckOptions, checkStorage, type Finding } from './collect/check-storage.ts'
export type { CollectionReport } from './collect/collect-blobs.ts'
export { type Collector, createCollector } from './collect/collector.ts'
export { createCollectorEndpoints } from './collect/collector-endpoints.ts'
export { type HardPruneTotals, hardPrune } from './collect/hard-prune.ts'
export { makeStoredImage } from './collect/undelete-blob.ts'
export { defaultRegistryConfig, type RegistryConfig } from './config.ts'
export {
  createRegistry,
  type RegistryDeps,
  type RegistryLog,
  registryServerOptions,
} from './create-registry.ts'
export { onlyLinkHeader } from './delete-manifest.ts'
export { type ErrorCode, RegistryError, registryError } from './errors.ts'
export { createImageWrites } from './image-writes.ts'
export { createLeasedBlobs } from './leased-blobs.ts'
export { createLeases, type Leases } from './leases.ts'
export { createRegistryMetrics, type RegistryMetrics } from './metrics.ts'
export type { PulledBlob, PulledManifest, PullThrough, PullThroughRequest } from './pull-through.ts'
export { openRepositoryRecords, type RepositoryRecords } from './repository-records.ts'
export type { ImageView, StreamReader, StreamView, TagItem } from './stream-reader.ts'
export type { LogIn, MintedToken } from './token-endpoint.ts'
export { trustNetworks, wrongNetwork } from './trusted-proxies.ts'
