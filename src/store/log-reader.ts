import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { KeyRange } from './key-range.ts'
import { type Position, revisionOf, toPosition } from './position.ts'
import type { Entry, Key, Revision, StoreEvent } from './store.ts'

/** An event and where it stands in the log. */
export interface LogItem {
  position: Position
  event: StoreEvent
}

interface EventRow {
  position: Position
  key: Key
  deleted: number
  previous: Uint8Array | null
  value: Uint8Array | null
}

/** The newest revision on the disk: that of the last row of the log, or what was forgotten last when nothing came after. */
export function readNewest(db: DatabaseSync): Revision {
  const row = db.prepare('SELECT max(position) AS last FROM log').get()
  return Math.max(revisionOf(Number(row?.last ?? 0)), readCompacted(db))
}

/** How far history is forgotten. */
export function readCompacted(db: DatabaseSync): Revision {
  return Number(db.prepare("SELECT value FROM meta WHERE name = 'compacted'").get()?.value)
}

/** Reads of one connection; `atomically` gives several of them one snapshot. */
export class LogReader {
  readonly #db: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()

  constructor(db: DatabaseSync) {
    this.#db = db
  }

  atomically<T>(read: () => T): T {
    this.#db.exec('BEGIN')
    try {
      return read()
    } finally {
      // After a damaged page SQLite has ended it already, and its error is the one to see.
      if (this.#db.isTransaction) this.#db.exec('COMMIT')
    }
  }

  /** Revision of the last row of the log; 0 when it is empty. */
  last(): Revision {
    return revisionOf(Number(this.#sql('SELECT max(position) AS last FROM log').get()?.last ?? 0))
  }

  get(key: Key): Entry | undefined {
    const row = this.#sql('SELECT key, value, revision, created FROM state WHERE key = ?').get(key)
    return row && toEntry(row as unknown as Entry)
  }

  list(range: KeyRange, limit: number): Entry[] {
    const sql = `SELECT key, value, revision, created FROM state WHERE ${within(range)} ORDER BY key LIMIT ?`
    return this.#sql(sql)
      .all(...bounds(range), limit)
      .map((row) => toEntry(row as unknown as Entry))
  }

  count(range: KeyRange): number {
    return Number(
      this.#sql(`SELECT count(*) AS n FROM state WHERE ${within(range)}`).get(...bounds(range))?.n,
    )
  }

  /** The entries as they were at the revision: those unchanged since, and what later changes replaced. */
  listAt(range: KeyRange, revision: Revision, limit: number): Entry[] {
    if (limit === 0) return []
    const end = limit > 0 ? this.#lastUnchanged(range, revision, limit) : undefined
    // Among so many unchanged keys the page ends, so that the log behind them need not be searched.
    const log = end === undefined ? range : { ...range, to: end }
    const sql = `
      SELECT key, value, revision, created FROM state WHERE ${within(range)} AND revision <= ?
      UNION ALL
      SELECT key, previous, previous_revision, previous_created FROM log
        WHERE ${within(log)} AND position >= ? AND previous_revision <= ?
      ORDER BY key LIMIT ?`
    const since = toPosition(revision + 1, 0)
    const rows = this.#sql(sql).all(...bounds(range), revision, ...bounds(log), since, revision, limit)
    return rows.map((row) => toEntry(row as unknown as Entry))
  }

  /** How many keys there were at the revision: those of now, without what was made and with what was deleted since. */
  countAt(range: KeyRange, revision: Revision): number {
    const sql = `
      SELECT sum(CASE WHEN deleted THEN 1 WHEN previous_revision IS NULL THEN -1 ELSE 0 END) AS n
      FROM log WHERE position >= ? AND ${within(range, '+key')}`
    const since = this.#sql(sql).get(toPosition(revision + 1, 0), ...bounds(range))?.n
    return this.count(range) + Number(since ?? 0)
  }

  #lastUnchanged(range: KeyRange, revision: Revision, limit: number): Key | undefined {
    const sql = `SELECT key FROM state WHERE ${within(range)} AND revision <= ? ORDER BY key LIMIT 1 OFFSET ?`
    const row = this.#sql(sql).get(...bounds(range), revision, limit - 1)
    return row && String(row.key)
  }

  /**
   * Events of the range with after < position <= upTo, in order, as many as fit into `bytes` of values and `limit`, but
   * at least one. `end` is how far the log was searched.
   */
  events(
    range: KeyRange,
    after: Position,
    upTo: Position,
    bytes: number,
    limit: number,
  ): { items: LogItem[]; end: Position } {
    // The + keeps SQLite from choosing the index by key, which would sort the whole prefix for each step.
    const sql = `
      SELECT position, key, deleted, previous,
        CASE deleted WHEN 1 THEN previous ELSE coalesce(
          (SELECT n.previous FROM log n WHERE n.key = l.key AND n.position > l.position ORDER BY n.position LIMIT 1),
          (SELECT s.value FROM state s WHERE s.key = l.key)) END AS value
      FROM log l WHERE position > ? AND position <= ? AND ${within(range, '+key')} ORDER BY position LIMIT ?`
    const items: LogItem[] = []
    let size = 0
    for (const row of this.#sql(sql).iterate(after, upTo, ...bounds(range), limit)) {
      const item = toItem(row as unknown as EventRow)
      items.push(item)
      size += item.event.value.length + (item.event.previous?.length ?? 0)
      if (size >= bytes || items.length === limit) return { items, end: item.position }
    }
    return { items, end: upTo }
  }

  close(): void {
    this.#db.close()
  }

  #sql(text: string): StatementSync {
    let statement = this.#statements.get(text)
    if (statement === undefined) {
      statement = this.#db.prepare(text)
      this.#statements.set(text, statement)
    }
    return statement
  }
}

const within = (range: KeyRange, key = 'key') =>
  `${key} ${range.open ? '>' : '>='} ?${range.to === undefined ? '' : ` AND ${key} < ?`}`

const bounds = (range: KeyRange) => (range.to === undefined ? [range.from] : [range.from, range.to])

/** A row of SQLite has no prototype; an entry is like any other object. */
const toEntry = ({ key, value, revision, created }: Entry): Entry => ({ key, value, revision, created })

function toItem(row: EventRow): LogItem {
  const { position, key, previous } = row
  if (row.value === null) throw new Error(`the log has no value for ${key} at ${revisionOf(position)}`)
  const type = row.deleted === 1 ? 'delete' : 'put'
  const event: StoreEvent = { type, key, value: row.value, revision: revisionOf(position) }
  if (previous !== null) event.previous = previous
  return { position, event }
}
