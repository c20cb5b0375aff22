import { existsSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { applicationId, connect, toOpenError } from './database.ts'
import { readNewest } from './log-reader.ts'
import type { Key, Revision } from './store.ts'
import { StoreOpenError } from './store-errors.ts'

/** Copies of a store's file: for backups. A store may be open on the file, in this process or another. */

/**
 * Writes the state and the log as they are at one revision into a new file, without the room that was free. Who writes to the
 * store meanwhile is not held up. Resolves to the revision. StoreOpenError.
 */
export function snapshotStore(file: string, target: string): Revision {
  if (!existsSync(file)) throw new StoreOpenError('not-writable', file, 'there is none')
  const db = open(file)
  try {
    requireStore(db, file)
    db.prepare('VACUUM INTO ?').run(target)
  } catch (error) {
    throw error instanceof StoreOpenError ? error : toOpenError(file, error)
  } finally {
    db.close()
  }
  return checkSnapshot(target)
}

/** Reads the whole file; resolves to the newest revision. StoreOpenError 'corrupt' or 'not-a-store'. */
export function checkSnapshot(file: string): Revision {
  const db = open(file)
  try {
    requireStore(db, file)
    const found = String(db.prepare('PRAGMA integrity_check(1)').get()?.integrity_check)
    if (found !== 'ok') throw new StoreOpenError('corrupt', file, found)
    return readNewest(db)
  } catch (error) {
    throw error instanceof StoreOpenError ? error : toOpenError(file, error)
  } finally {
    db.close()
  }
}

/** The keys of a snapshot that begin so, in their order. */
export function* snapshotKeys(file: string, prefix: Key): Generator<Key> {
  const db = open(file)
  try {
    const keys = db.prepare('SELECT key FROM state WHERE key >= ? AND key < ? ORDER BY key')
    const end = `${prefix.slice(0, -1)}${String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1)}`
    for (const { key } of keys.iterate(prefix, end)) yield String(key)
  } finally {
    db.close()
  }
}

/**
 * Makes a restored state the newest there ever was: revisions go on from `revision`, and nobody can go on from one before it,
 * for what clients have seen after the snapshot never happened here. They get 410 and list anew.
 */
export function renewSnapshot(file: string, revision: Revision): void {
  const db = open(file)
  try {
    if (revision < readNewest(db)) throw new RangeError(`revision ${revision} lies in the past`)
    db.exec('BEGIN IMMEDIATE; DELETE FROM log')
    db.prepare("UPDATE meta SET value = ? WHERE name = 'compacted'").run(revision)
    db.exec('COMMIT')
  } finally {
    db.close()
  }
}

function open(file: string): DatabaseSync {
  try {
    return connect(file)
  } catch (error) {
    throw toOpenError(file, error)
  }
}

function requireStore(db: DatabaseSync, file: string): void {
  const { application_id } = db.prepare('PRAGMA application_id').get() as { application_id: number }
  if (application_id !== applicationId) {
    throw new StoreOpenError('not-a-store', file, 'it is a database of another program')
  }
}
