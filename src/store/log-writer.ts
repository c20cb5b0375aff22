import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { pragma } from './database.ts'
import { readNewest } from './log-reader.ts'
import { revisionOf, toPosition } from './position.ts'
import type { Change, Key, Revision } from './store.ts'

/** What a change did: undefined for the deletion of a key that was absent. */
export type Effect = { created: Revision; previous: Uint8Array | undefined } | undefined

/** A commit's own fate within its batch; effects are in the order of its changes. */
export type Outcome =
  | { kind: 'committed'; revision: Revision; effects: Effect[] }
  | { kind: 'conflict'; key: Key; current: Revision | undefined }

interface Row {
  id: number
  revision: Revision
  created: Revision
  value: Uint8Array
}

/** The write-ahead log is moved into the file when about so many pages of 4 KiB have been written to it. */
const checkpointPages = 2000

/** Pages of 4 KiB. */
const leastFree = 1024

/** The only writer of a database: each call is one transaction, durable when it returns. */
export class LogWriter {
  readonly #db: DatabaseSync
  readonly #find: StatementSync
  readonly #insert: StatementSync
  readonly #update: StatementSync
  readonly #delete: StatementSync
  readonly #append: StatementSync
  readonly #forget: StatementSync
  readonly #sweep: StatementSync
  #newest: Revision
  #walPages = 0

  constructor(db: DatabaseSync) {
    this.#db = db
    // A commit should not wait for a checkpoint; where nobody calls `settle`, this is what keeps the log bounded.
    db.exec(`PRAGMA wal_autocheckpoint = ${5 * checkpointPages}`)
    this.#find = db.prepare('SELECT id, revision, created, value FROM state WHERE key = ?')
    this.#insert = db.prepare('INSERT INTO state (key, revision, created, value) VALUES (?, ?, ?, ?)')
    this.#update = db.prepare('UPDATE state SET revision = ?, value = ? WHERE id = ?')
    this.#delete = db.prepare('DELETE FROM state WHERE id = ?')
    this.#append = db.prepare(
      'INSERT INTO log (position, key, deleted, previous_revision, previous_created, previous) VALUES (?, ?, ?, ?, ?, ?)',
    )
    this.#forget = db.prepare("UPDATE meta SET value = ? WHERE name = 'compacted' AND value < ?")
    this.#sweep = db.prepare(
      'DELETE FROM log WHERE position IN (SELECT position FROM log WHERE position < ? ORDER BY position LIMIT ?)',
    )
    this.#newest = readNewest(db)
  }

  /** Applies the commits in order, each whole or not at all, with one sync for all of them. */
  write(commits: readonly (readonly Change[])[]): Outcome[] {
    let newest = this.#newest
    const outcomes = this.#transaction(() =>
      commits.map((changes) => {
        const outcome = this.#apply(changes, newest)
        if (outcome.kind === 'committed') newest = outcome.revision
        return outcome
      }),
    )
    this.#newest = newest
    return outcomes
  }

  /** Marks the history up to the revision as gone; `sweep` removes it. */
  forget(revision: Revision): void {
    this.#transaction(() => this.#forget.run(revision, revision))
  }

  /** Removes up to so many rows of forgotten history; says how many it removed. */
  sweep(compacted: Revision, limit: number): number {
    return this.#transaction(() => Number(this.#sweep.run(toPosition(compacted + 1, 0), limit).changes))
  }

  /**
   * Gives up to so many free pages back to the disk, once enough of the file is free for that to be worth moving pages;
   * says how many.
   */
  reclaim(limit: number): number {
    const free = pragma(this.#db, 'freelist_count')
    if (free < leastFree || free * 4 < pragma(this.#db, 'page_count')) return 0
    this.#transaction(() => this.#db.exec(`PRAGMA incremental_vacuum(${limit})`))
    const given = free - pragma(this.#db, 'freelist_count')
    this.#walPages += given
    return given
  }

  /** Moves the write-ahead log into the file if it has grown: for the time after a batch is answered. */
  settle(): void {
    if (this.#walPages < checkpointPages) return
    this.#walPages = 0
    try {
      this.#db.exec('PRAGMA wal_checkpoint(PASSIVE)')
    } catch {
      // Nothing is lost: what was not moved stays in the log, and the next time comes.
    }
  }

  close(): void {
    if (!this.#db.isOpen) return
    this.#db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    this.#db.close()
  }

  #transaction<T>(work: () => T): T {
    this.#db.exec('BEGIN IMMEDIATE')
    try {
      const result = work()
      this.#db.exec('COMMIT')
      return result
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK')
      throw error
    }
  }

  #apply(changes: readonly Change[], newest: Revision): Outcome {
    const rows: (Row | undefined)[] = []
    for (const { key, expect } of changes) {
      const row = this.#find.get(key) as unknown as Row | undefined
      const met = expect === 'any' || (expect === 'absent' ? row === undefined : row?.revision === expect)
      if (!met) return { kind: 'conflict', key, current: row?.revision }
      rows.push(row)
    }
    const revision = newest + 1
    const effects = changes.map((change, place) =>
      this.#put(change, rows[place], toPosition(revision, place)),
    )
    return { kind: 'committed', revision: effects.some(Boolean) ? revision : newest, effects }
  }

  #put({ key, value }: Change, row: Row | undefined, position: number): Effect {
    const revision = revisionOf(position)
    if (value === undefined) {
      if (row === undefined) return undefined
      this.#delete.run(row.id)
    } else if (row === undefined) this.#insert.run(key, revision, revision, value)
    else this.#update.run(revision, value, row.id)
    const deleted = value === undefined ? 1 : 0
    this.#append.run(position, key, deleted, row?.revision ?? null, row?.created ?? null, row?.value ?? null)
    this.#walPages += 3 + Math.ceil(((value?.length ?? 0) + (row?.value.length ?? 0)) / 4096)
    return { created: row?.created ?? revision, previous: row?.value }
  }
}
