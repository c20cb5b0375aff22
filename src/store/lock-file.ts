import { DatabaseSync } from 'node:sqlite'
import { toOpenError } from './database.ts'

/**
 * Holds `FILE-lock` until disposed or until the process dies, however it dies: the lock is the kernel's, taken through
 * SQLite, which also keeps two openings within one process apart. The empty file stays behind; removing it would race.
 * StoreLockedError, StoreOpenError.
 */
export function lockFile(file: string): Disposable {
  let db: DatabaseSync | undefined
  try {
    db = new DatabaseSync(`${file}-lock`, { timeout: 0 })
    db.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (error) {
    db?.close()
    throw toOpenError(file, error)
  }
  const held = db
  return { [Symbol.dispose]: () => held.close() }
}
