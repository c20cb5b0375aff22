import { DatabaseSync } from 'node:sqlite'
import { StoreLockedError, StoreOpenError, sqliteCode } from './store-errors.ts'

/** 'Weir' in ASCII, in the header of the file. */
export const applicationId = 0x57656972
const schemaVersion = 1

/**
 * `state` holds what is current. `log` holds one row a change with the value that the change replaced, never the new
 * one: that is in `state`, or in the key's next row of the log. So each value is written twice in its life however often
 * its key changes, the state at an old revision is what later rows replaced, and forgetting history is deleting a range.
 */
const schema = `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE state (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    revision INTEGER NOT NULL,
    created INTEGER NOT NULL,
    value BLOB NOT NULL
  );
  CREATE TABLE log (
    position INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    deleted INTEGER NOT NULL,
    previous_revision INTEGER,
    previous_created INTEGER,
    previous BLOB
  );
  CREATE INDEX log_by_key ON log (key, position);
  INSERT INTO meta (name, value) VALUES ('compacted', 0);
`

/** Opens a connection with the settings that every one of them needs. */
export function connect(file: string): DatabaseSync {
  const db = new DatabaseSync(file, { timeout: 10_000 })
  try {
    db.exec('PRAGMA synchronous = FULL; PRAGMA cache_size = -8192; PRAGMA temp_store = MEMORY')
  } catch (error) {
    db.close()
    throw error
  }
  return db
}

/**
 * Opens the file, or creates it with its tables.
 * StoreOpenError: 'not-a-store', 'newer-schema', 'corrupt', 'not-writable', 'failed', or 'locked' when another program
 * works on it.
 */
export function openDatabase(file: string): DatabaseSync {
  let db: DatabaseSync | undefined
  try {
    db = connect(file)
    prepareSchema(db, file)
    return db
  } catch (error) {
    db?.close()
    throw error instanceof StoreOpenError ? error : toOpenError(file, error)
  }
}

function prepareSchema(db: DatabaseSync, file: string): void {
  const version = pragma(db, 'user_version')
  const empty = db.prepare('SELECT count(*) AS n FROM sqlite_master').get()?.n === 0
  if (empty && version === 0) {
    // Free pages can be given back to the disk a few at a time, but only in a file that was made for it.
    db.exec('PRAGMA page_size = 4096; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL')
    const ids = `PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${schemaVersion}`
    db.exec(`BEGIN IMMEDIATE; ${schema} ${ids}; COMMIT`)
    return
  }
  if (pragma(db, 'application_id') !== applicationId) {
    throw new StoreOpenError('not-a-store', file, 'it is a database of another program')
  }
  if (version > schemaVersion) {
    const what = `it has schema version ${version}, this program knows up to ${schemaVersion}`
    throw new StoreOpenError('newer-schema', file, what)
  }
  // The write proves that the file and its folder can be written, before anything depends on it.
  db.exec(
    "PRAGMA journal_mode = WAL; BEGIN IMMEDIATE; UPDATE meta SET value = value WHERE name = 'compacted'; COMMIT",
  )
}

export function pragma(db: DatabaseSync, name: string): number {
  return Number(db.prepare(`PRAGMA ${name}`).get()?.[name])
}

/** Says in the store's words what SQLite refused. */
export function toOpenError(file: string, cause: unknown): StoreOpenError {
  const code = sqliteCode(cause)
  const what = cause instanceof Error ? cause.message : String(cause)
  if (code === 5 || code === 6) return new StoreLockedError(file, { cause })
  if (code === 11 || code === 26)
    return new StoreOpenError('corrupt', file, `it is damaged (${what})`, { cause })
  if (code === 8 || code === 14 || code === 3) {
    return new StoreOpenError('not-writable', file, `it or its folder cannot be written (${what})`, { cause })
  }
  return new StoreOpenError('failed', file, what, { cause })
}
