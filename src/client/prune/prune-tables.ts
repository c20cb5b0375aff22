import { DatabaseSync } from 'node:sqlite'
import type { ImageStream } from '../../api/index.ts'
import { heldBy, type ImageFacts, type ImageTable } from '../../image/index.ts'

/** What a run of pruning knows: in memory while it is little, else in a file that has no name and goes with the process. */
export interface PruneTables extends Disposable {
  images: ImageTable
  streams: StreamTable
}

/** Streams as far as pruning reads them, in the order in which they came, each made anew when it is its turn. */
export interface StreamTable extends Iterable<ImageStream> {
  add(stream: ImageStream): void
}

/**
 * `names` has digests of images and of blobs alike: who is in use need not be there. Nobody reads the file after a crash, so nothing is
 * written twice or waited for.
 */
const schema = `
  PRAGMA journal_mode = OFF;
  PRAGMA synchronous = OFF;
  PRAGMA locking_mode = EXCLUSIVE;
  CREATE TABLE names (name PRIMARY KEY, image INTEGER, used INTEGER NOT NULL, holders INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE images (id INTEGER PRIMARY KEY, facts TEXT NOT NULL);
  CREATE TABLE referrers (subject, name TEXT, PRIMARY KEY (subject, name)) WITHOUT ROWID;
  CREATE TABLE streams (id INTEGER PRIMARY KEY, stream TEXT NOT NULL);
  BEGIN;
`

const digestShape = /^sha256:[0-9a-f]{64}$/

/** Digests as their bytes: half as long. Text is never equal to bytes. */
const keyOf = (name: string): string | Uint8Array =>
  digestShape.test(name) ? Uint8Array.fromHex(name.slice(7)) : name

type Row = readonly unknown[]

/** The temporary file cannot be written or read. What the tables say is worth nothing from then on, and they say nothing any more. */
export class PruneTablesError extends Error {
  override readonly name = 'PruneTablesError'

  constructor(cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause)
    super(
      `cannot keep the list of images in a temporary file: ${why}; SQLITE_TMPDIR may name a folder with more room`,
      { cause },
    )
  }
}

/** Does the work, unless some work has failed before. */
type Attempt = <T>(work: () => T) => T

function createAttempt(): Attempt {
  let failure: PruneTablesError | undefined
  return (work) => {
    if (failure !== undefined) throw failure
    try {
      return work()
    } catch (error) {
      failure = new PruneTablesError(error)
      throw failure
    }
  }
}

export interface TableOptions {
  /** KiB that are kept in memory at most. */
  cache?: number
  /** Of 4 KiB each, in memory and file together. */
  mostPages?: number
}

/** Calls throw a PruneTablesError where the file has no room, and always after that. */
export function openPruneTables({ cache = 2048, mostPages }: TableOptions = {}): PruneTables {
  const db = new DatabaseSync('', { returnArrays: true } as object)
  const limit = mostPages === undefined ? '' : `PRAGMA max_page_count = ${mostPages};`
  db.exec(`PRAGMA cache_size = -${cache}; ${limit} ${schema}`)
  const attempt = createAttempt()
  return {
    images: openImageTable(db, attempt),
    streams: openStreamTable(db, attempt),
    [Symbol.dispose]: () => db.close(),
  }
}

/** JSON texts of a table in the order of their numbers, of those that are there now. Others may write between two of them. */
function* textsOf(
  db: DatabaseSync,
  table: 'images' | 'streams',
  column: string,
  attempt: Attempt,
): Generator<string> {
  const rows = attempt(() => {
    const [last] = db.prepare(`SELECT max(id) FROM ${table}`).get() as unknown as Row
    const select = db.prepare(`SELECT ${column} FROM ${table} WHERE id <= ? ORDER BY id`)
    return select.iterate(Number(last ?? 0)) as unknown as Iterator<[string]>
  })
  for (;;) {
    const next = attempt(() => rows.next())
    if (next.done === true) return
    yield next.value[0]
  }
}

function openImageTable(db: DatabaseSync, attempt: Attempt): ImageTable {
  const insert = db.prepare('INSERT INTO images (facts) VALUES (?)')
  const name = db.prepare(`
    INSERT INTO names (name, image, used, holders) VALUES (?, ?, 0, 0)
    ON CONFLICT DO UPDATE SET image = excluded.image`)
  const find = db.prepare('SELECT image, used, holders FROM names WHERE name = ?')
  const read = db.prepare('SELECT facts FROM images WHERE id = ?')
  const refer = db.prepare('INSERT OR IGNORE INTO referrers (subject, name) VALUES (?, ?)')
  const referrers = db.prepare('SELECT name FROM referrers WHERE subject = ?')
  const mark = db.prepare(`
    INSERT INTO names (name, used, holders) VALUES (?, 1, 0) ON CONFLICT DO UPDATE SET used = 1 WHERE used = 0`)
  const hold = db.prepare(`
    INSERT INTO names (name, used, holders) VALUES (?, 0, 1) ON CONFLICT DO UPDATE SET holders = holders + 1`)
  const letGo = db.prepare(
    'UPDATE names SET holders = holders - 1 WHERE name = ? AND holders > 0 RETURNING holders',
  )

  const lookUp = (text: string) => {
    const found = attempt(() => find.get(keyOf(text)) ?? [])
    const [image, used, holders] = found as unknown as (number | null | undefined)[]
    return { image: image ?? undefined, isUsed: used === 1, holders: holders ?? 0 }
  }

  function insertAll(facts: ImageFacts): void {
    const { lastInsertRowid } = insert.run(JSON.stringify(facts))
    name.run(keyOf(facts.name), lastInsertRowid)
    for (const digest of heldBy(facts)) hold.run(keyOf(digest))
    if (facts.subject !== undefined) refer.run(keyOf(facts.subject), facts.name)
  }

  /** Whether nobody holds it any more, and did before. */
  const isLetGo = (digest: string): boolean =>
    (attempt(() => letGo.get(keyOf(digest))) as unknown as Row | undefined)?.[0] === 0

  return {
    add(facts) {
      if (lookUp(facts.name).image !== undefined) return false
      attempt(() => insertAll(facts))
      return true
    },
    get(text) {
      const { image } = lookUp(text)
      if (image === undefined) return undefined
      const [facts] = attempt(() => read.get(image)) as unknown as [string]
      return JSON.parse(facts) as ImageFacts
    },
    *unused() {
      for (const text of textsOf(db, 'images', 'facts', attempt)) {
        const facts = JSON.parse(text) as ImageFacts
        if (!lookUp(facts.name).isUsed) yield facts
      }
    },
    referrersOf: (text) =>
      (attempt(() => referrers.all(keyOf(text))) as unknown as [string][]).map(([one]) => one),
    use: (text) => attempt(() => mark.run(keyOf(text))).changes === 1,
    isUsed: (text) => lookUp(text).isUsed,
    release: (facts) => heldBy(facts).filter(isLetGo),
    isHeld: (digest) => lookUp(digest).holders > 0,
  }
}

function openStreamTable(db: DatabaseSync, attempt: Attempt): StreamTable {
  const insert = db.prepare('INSERT INTO streams (stream) VALUES (?)')
  return {
    add(stream) {
      attempt(() => insert.run(JSON.stringify(asPruned(stream))))
    },
    *[Symbol.iterator]() {
      for (const text of textsOf(db, 'streams', 'stream', attempt)) yield JSON.parse(text) as ImageStream
    },
  }
}

/** The stream as far as pruning reads it; what a server leaves out is as good as empty. */
function asPruned({ metadata, status }: ImageStream): ImageStream {
  const { namespace, name, creationTimestamp } = metadata
  const tags = (status?.tags ?? []).map(({ tag, items }) => ({
    tag,
    items: (items ?? []).map(({ image, created }) => ({ image: image ?? '', created })),
  }))
  return {
    metadata: { namespace, name, creationTimestamp },
    status: { dockerImageRepository: status?.dockerImageRepository, tags },
  } as ImageStream
}
