import type { ImageImportStatus, RepositoryImportStatus } from '../api/image/index.ts'
import type { MirrorEntry } from '../image/index.ts'
import type { Keyring } from '../upstream/index.ts'

/** What an import works with (import.md §2, §3). */

/** The parts of `images.config.openshift.io/cluster` and of the mirror sets that imports obey (import.md §6). */
export interface RegistrySources {
  mirrors: readonly MirrorEntry[]
  /** `host[:port]`, compared after client defaults. */
  insecure: readonly string[]
  blocked: readonly string[]
}

export const noRegistrySources: RegistrySources = { mirrors: [], insecure: [], blocked: [] }

/** Everything that a run needs to know besides the plan. */
export interface RunContext {
  sources: RegistrySources
  /** The namespace's secrets, then the node's. */
  keyring: Keyring
  /** Without the namespace's secrets: for the second pass (import.md §3.6). */
  anonymous: Keyring
  /** < 0: all (import.md §3.8). */
  maxImagesPerRepository: number
  signal?: AbortSignal
}

export interface RunResult {
  images: ImageImportStatus[]
  repository: RepositoryImportStatus | undefined
}
