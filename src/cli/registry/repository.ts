import type { FolderRepository } from './folder-repository.ts'
import type { Registry } from './registry-client.ts'

/** Where images are read from and written to: a repository of a registry, or a folder in its place. */
export type Repository = Registry | FolderRepository
