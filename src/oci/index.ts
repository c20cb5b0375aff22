export type { Descriptor, Platform } from './descriptor.ts'
export type { Digest, DigestAlgorithm } from './digest.ts'
export { digestAlgorithm, digestHex, parseDigest } from './digest.ts'
export { createDigestTable, type DigestTable } from './digest-table.ts'
export type { ImageManifest, IndexManifest, Manifest, ParsedManifest } from './manifest.ts'
export { effectiveArtifactType, manifestMediaType, parseManifest } from './manifest.ts'
export * from './media-types.ts'
export type { HostPort, ImageReference } from './reference.ts'
export {
  asRepository,
  asV2,
  daemonMinimal,
  defaultNamespace,
  defaultRegistry,
  defaultTag,
  formatExact,
  formatReference,
  hostPort,
  isDockerHub,
  isImageDigest,
  mostSpecific,
  parseReference,
  referenceProblem,
  withClientDefaults,
} from './reference.ts'
export type { RepositoryName } from './repository-name.ts'
export { parseRepositoryName } from './repository-name.ts'
export type { Schema1Manifest } from './schema1.ts'
export { parseSchema1, schema1Payload } from './schema1.ts'
export type { TagName } from './tag-name.ts'
export { parseTagName } from './tag-name.ts'
