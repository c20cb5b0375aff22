export { compareKeys } from './key-range.ts'
export { lockFile } from './lock-file.ts'
export { openSqliteStore, type SqliteStoreOptions } from './open-sqlite-store.ts'
export type { Retention } from './retention.ts'
export { checkSnapshot, renewSnapshot, snapshotKeys, snapshotStore } from './snapshot.ts'
export {
  type Change,
  CompactedError,
  type Entry,
  FutureRevisionError,
  type Key,
  type Page,
  type Revision,
  SlowWatcherError,
  type Snapshot,
  type Store,
  StoreConflictError,
  type StoreEvent,
  type WatchOptions,
} from './store.ts'
export {
  StoreClosedError,
  StoreFailedError,
  StoreLockedError,
  StoreOpenError,
  type StoreOpenProblem,
} from './store-errors.ts'
