import type { RequestLimits } from './request-limiter.ts'
import { type TrustsForwarded, trustNetworks } from './trusted-proxies.ts'

/** The registry's settings (registry.md §0, §11). Times in milliseconds. */
export interface RegistryConfig {
  /** `host[:port]` in front of the `dockerImageReference` of what is pushed. */
  serverAddress: string
  /** Signs upload states; shared by all replicas, kept over restarts so that uploads can be resumed. */
  secret: string | Uint8Array
  /** Whether a repository shows what was pushed by digest alone (§0). */
  manifestVisibility: 'stream' | 'repository'
  acceptSchema2: boolean
  deleteEnabled: boolean
  /** Refuses everything that changes something. */
  readOnly: boolean
  /** Largest page of the catalogue; 0: no ceiling. */
  catalogMaxEntries: number
  /** Scheme and host of every `Location`; absent: as the client called us. */
  host: string | undefined
  relativeUrls: boolean
  /** Static headers on every answer. */
  headers: Readonly<Record<string, string>>
  /** Realm of the Basic challenge. */
  realm: string
  /** Parts of the token endpoint's URL that requests do not decide. */
  tokenRealm: { scheme?: string; host?: string }
  /** Whether the peer with this address may speak for the client in forwarded headers. */
  trustsForwarded: TrustsForwarded
  /** How long a stream's word for a blob is remembered; 0: not at all. */
  blobRepositoryTtl: number
  /** Bytes of manifests that are kept ready. */
  manifestCacheBytes: number
  /** What a pruner deletes goes to the trash, from where it can be brought back. */
  keepsPruned: boolean
  uploadPurging: { enabled: boolean; age: number; interval: number }
  metrics: { enabled: boolean; secret: string | undefined }
  /** Reads, and everything else, apart (B-9). */
  requests: { read: RequestLimits; write: RequestLimits }
  /** A line when an operation on a repository begins, and one when it is over (B-93). */
  audit: boolean
  /** Milliseconds between two looks at the storage (B-91); 0: none. */
  storageCheckInterval: number
  /** Serves the draft of tag histories. */
  tagHistory: boolean
  /** One line for each request. */
  accessLog: boolean
}

const hour = 3_600_000
const unlimited: RequestLimits = { maxRunning: 0, maxInQueue: 0, maxWaitInQueue: 0 }

export const defaultRegistryConfig: Omit<RegistryConfig, 'serverAddress' | 'secret'> = {
  manifestVisibility: 'repository',
  acceptSchema2: true,
  deleteEnabled: true,
  readOnly: false,
  catalogMaxEntries: 1000,
  host: undefined,
  relativeUrls: false,
  headers: {},
  realm: 'openshift',
  tokenRealm: {},
  trustsForwarded: trustNetworks([]),
  blobRepositoryTtl: 600_000,
  manifestCacheBytes: 64 << 20,
  keepsPruned: false,
  uploadPurging: { enabled: true, age: 168 * hour, interval: 24 * hour },
  metrics: { enabled: false, secret: undefined },
  requests: { read: unlimited, write: unlimited },
  audit: false,
  storageCheckInterval: 10_000,
  tagHistory: false,
  accessLog: false,
}
