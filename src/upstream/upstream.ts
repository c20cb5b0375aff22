import type { Readable } from 'node:stream'
import type { Digest } from '../oci/digest.ts'
import type { BudgetView } from './budget.ts'
import type { Keyring } from './credentials.ts'
import type { Repository } from './target.ts'

/** The client for other registries, as the rest of the program sees it (design.md §3 "upstream"). */

export interface RequestOptions {
  /** https without verification, then http (import.md §5). */
  insecure?: boolean
  credentials?: Keyring
  /** Aborting rejects with the signal's reason. */
  signal?: AbortSignal
  /** `X-Registry-Request-URL` of the request that this one serves (registry.md B-67). */
  via?: readonly string[]
  /** Ask again after 5xx answers too: pull-through does (B-66), imports don't. */
  retryServerErrors?: boolean
}

export interface ManifestOptions extends RequestOptions {
  /** Media types; absent: all that are understood. */
  accept?: readonly string[]
  /** What the caller has: a HEAD comes first, and no GET when it is still that. */
  ifNot?: Digest
  /** Take docker's first manifest form too: `bytes` are then what the digest covers, without signatures. */
  schema1?: boolean
}

export interface ManifestStat {
  /** As the registry says; undefined when it doesn't. */
  digest: Digest | undefined
  /** '' when the registry names none. */
  mediaType: string
  /** Bytes, undefined when not announced. */
  size: number | undefined
  /** Name of the secret whose credential was used. */
  secret: string | undefined
}

export type ManifestAnswer =
  | { kind: 'unchanged'; digest: Digest; secret: string | undefined }
  | {
      kind: 'manifest'
      /** Of the bytes, in the algorithm that was asked for, sha256 for a tag. */
      digest: Digest
      mediaType: string
      bytes: Buffer
      secret: string | undefined
    }

export interface BlobOptions extends RequestOptions {
  range?: { start: number; end: number }
  /** The caller hashes the body and believes nothing before: it is not done twice. The size is checked all the same. */
  isHashedByCaller?: boolean
}

export interface BlobStat {
  digest: Digest
  /** Bytes of the whole blob, undefined when not announced. */
  size: number | undefined
  contentType: string
}

export interface BlobAnswer extends BlobStat {
  /** Both ends inclusive: the part that `stream` carries; absent: all. */
  range?: { start: number; end: number }
  /** Ends cleanly only when size and digest were right, the digest unless the caller looks after it. Must be read or destroyed. */
  stream: Readable
}

/** Every method rejects with an UpstreamError, or with the signal's reason. */
export interface Upstream extends AsyncDisposable {
  /** Whether there is a registry, and where: `https://host/` or `http://host/`. */
  ping(registry: string, options?: RequestOptions): Promise<URL>
  /** `reference` is a tag or a digest. */
  manifest(repository: Repository, reference: string, options?: ManifestOptions): Promise<ManifestAnswer>
  headManifest(repository: Repository, reference: string, options?: ManifestOptions): Promise<ManifestStat>
  blob(repository: Repository, digest: Digest, options?: BlobOptions): Promise<BlobAnswer>
  headBlob(repository: Repository, digest: Digest, options?: RequestOptions): Promise<BlobStat>
  /** A whole small blob, verified; `limit` in bytes, absent: that of configs. */
  readBlob(
    repository: Repository,
    digest: Digest,
    options?: RequestOptions & { limit?: number },
  ): Promise<Buffer>
  /** All tags, in the registry's order; what is no tag name is left out, '' excepted (import.md §3.8). */
  tags(repository: Repository, options?: RequestOptions): Promise<string[]>
  budgets(): BudgetView[]
}
