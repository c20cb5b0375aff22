import type { ImportMode } from '../api/image/index.ts'
import type { RegistryHosts } from './repository-fields.ts'
import type { Whitelist } from './whitelist.ts'

/** What the rules of this folder take from configuration, and the time. */
export interface StreamEnv extends RegistryHosts {
  now: Date
  whitelist: Whitelist
  defaultImportMode: ImportMode
}
