import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { type BlobStore, openFileBlobs } from '../blobs/index.ts'
import {
  createLeases,
  type Leases,
  openRepositoryRecords,
  type RepositoryRecords,
} from '../registry/index.ts'
import { openSqliteStore, type Store, StoreLockedError, StoreOpenError } from '../store/index.ts'
import { StartError } from './start-error.ts'

export interface Offline extends AsyncDisposable {
  store: Store
  blobs: BlobStore
  records: RepositoryRecords
  /** Nobody holds any: there are no clients. */
  leases: Leases
}

/** A data directory whose server is stopped, locked while it is open. StartError in one line when it can't be had. */
export async function openOffline(dataDir: string, clock: () => Date): Promise<Offline> {
  const file = join(dataDir, 'weir.db')
  try {
    await access(file)
  } catch {
    throw new StartError(`there is no data in ${dataDir}; say where it is with --data-dir`)
  }
  await using opened = new AsyncDisposableStack()
  const store = opened.use(await openStopped(file, dataDir))
  const blobs = opened.use(await openFileBlobs({ dir: join(dataDir, 'blobs'), clock }))
  const records = opened.use(openRepositoryRecords({ store }))
  const parts = opened.move()
  return {
    store,
    blobs,
    records,
    leases: createLeases({ clock, grace: 0 }),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  }
}

async function openStopped(file: string, dataDir: string): Promise<Store> {
  try {
    return await openSqliteStore({ file })
  } catch (error) {
    if (error instanceof StoreLockedError) {
      throw new StartError(
        `weir is running on ${dataDir}: stop it first, or ask it while it runs ("weir adm gc", "weir adm gc --why DIGEST")`,
      )
    }
    if (error instanceof StoreOpenError) throw new StartError(`cannot open the store: ${error.message}`)
    throw error
  }
}
