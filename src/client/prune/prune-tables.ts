import type { ImageStream } from '../../api/index.ts'
import { heldBy, type ImageFacts, type ImageTable } from '../../image/index.ts'
import { openScratch, type Scratch, type ScratchOptions, scratchKey } from '../../scratch/index.ts'

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
 * `names` numbers digests of images and of blobs alike, in the order in which they come: what is in `states` of an image's blobs lies
 * together. `held` is what the image holds, in numbers.
 */
const schema = `
  CREATE TABLE names (name PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE states (number INTEGER PRIMARY KEY, image INTEGER, used INTEGER NOT NULL, holders INTEGER NOT NULL);
  CREATE TABLE images (id INTEGER PRIMARY KEY, number INTEGER NOT NULL, held TEXT NOT NULL, facts TEXT NOT NULL);
  CREATE TABLE referrers (subject, name TEXT, PRIMARY KEY (subject, name)) WITHOUT ROWID;
  CREATE TABLE streams (id INTEGER PRIMARY KEY, stream TEXT NOT NULL);
`

type Row = readonly unknown[]

/** Calls throw a ScratchError where the file has no room, and always after that. */
export function openPruneTables(options: Omit<ScratchOptions, 'schema'> = {}): PruneTables {
  const scratch = openScratch({ ...options, schema })
  return {
    images: openImageTable(scratch),
    streams: openStreamTable(scratch),
    [Symbol.dispose]: scratch[Symbol.dispose],
  }
}

/** Rows of a table in the order of their ids, of those that are there now. Others may write between two of them. */
function* rowsOf<T extends Row>(
  { db, attempt }: Scratch,
  table: 'images' | 'streams',
  columns: string,
): Generator<T> {
  const rows = attempt(() => {
    const [last] = db.prepare(`SELECT max(id) FROM ${table}`).get() as unknown as Row
    const select = db.prepare(`SELECT ${columns} FROM ${table} WHERE id <= ? ORDER BY id`)
    return select.iterate(Number(last ?? 0)) as unknown as Iterator<T>
  })
  for (;;) {
    const next = attempt(() => rows.next())
    if (next.done === true) return
    yield next.value
  }
}

interface State {
  /** Its id. */
  image: number | undefined
  isUsed: boolean
  holders: number
}

const unknown: State = { image: undefined, isUsed: false, holders: 0 }

function openImageTable(scratch: Scratch): ImageTable {
  const { db, attempt } = scratch
  const find = db.prepare('SELECT number FROM names WHERE name = ?')
  const name = db.prepare('INSERT INTO names (name, number) VALUES (?, ?)')
  const look = db.prepare('SELECT image, used, holders FROM states WHERE number = ?')
  const place = db.prepare(`
    INSERT INTO states (number, image, used, holders) VALUES (?, ?, 0, 0) ON CONFLICT DO UPDATE SET image = excluded.image`)
  const mark = db.prepare(`
    INSERT INTO states (number, used, holders) VALUES (?, 1, 0) ON CONFLICT DO UPDATE SET used = 1 WHERE used = 0`)
  const hold = db.prepare(`
    INSERT INTO states (number, used, holders) VALUES (?, 0, 1) ON CONFLICT DO UPDATE SET holders = holders + 1`)
  const letGo = db.prepare(
    'UPDATE states SET holders = holders - 1 WHERE number = ? AND holders > 0 RETURNING holders',
  )
  const insert = db.prepare('INSERT INTO images (number, held, facts) VALUES (?, ?, ?)')
  const read = db.prepare('SELECT facts FROM images WHERE id = ?')
  const readHeld = db.prepare('SELECT held FROM images WHERE id = ?')
  const refer = db.prepare('INSERT OR IGNORE INTO referrers (subject, name) VALUES (?, ?)')
  const referrers = db.prepare('SELECT name FROM referrers WHERE subject = ?')
  let names = 0

  const numberIn = (text: string): number | undefined =>
    (attempt(() => find.get(scratchKey(text))) as unknown as [number] | undefined)?.[0]

  /** Gives a number to a name that has none. */
  function numberOf(text: string): number {
    const known = numberIn(text)
    if (known !== undefined) return known
    attempt(() => name.run(scratchKey(text), ++names))
    return names
  }

  function stateOf(number: number | undefined): State {
    if (number === undefined) return unknown
    const row = attempt(() => look.get(number)) as unknown as [number | null, number, number] | undefined
    if (row === undefined) return unknown
    const [image, used, holders] = row
    return { image: image ?? undefined, isUsed: used === 1, holders }
  }

  const lookUp = (text: string): State => stateOf(numberIn(text))

  /** Whether nobody holds it any more, and did before. */
  const isLetGo = (number: number): boolean =>
    (attempt(() => letGo.get(number)) as unknown as [number] | undefined)?.[0] === 0

  return {
    add(facts) {
      if (lookUp(facts.name).image !== undefined) return false
      const number = numberOf(facts.name)
      const held = heldBy(facts).map(numberOf)
      attempt(() => {
        const { lastInsertRowid } = insert.run(number, JSON.stringify(held), JSON.stringify(facts))
        place.run(number, lastInsertRowid)
        for (const one of held) hold.run(one)
        if (facts.subject !== undefined) refer.run(scratchKey(facts.subject), facts.name)
      })
      return true
    },
    get(text) {
      const { image } = lookUp(text)
      if (image === undefined) return undefined
      const [facts] = attempt(() => read.get(image)) as unknown as [string]
      return JSON.parse(facts) as ImageFacts
    },
    *unused() {
      for (const [number, facts] of rowsOf<[number, string]>(scratch, 'images', 'number, facts')) {
        if (!stateOf(number).isUsed) yield JSON.parse(facts) as ImageFacts
      }
    },
    referrersOf: (text) =>
      (attempt(() => referrers.all(scratchKey(text))) as unknown as [string][]).map(([one]) => one),
    use(text) {
      const number = numberOf(text)
      return attempt(() => mark.run(number)).changes === 1
    },
    isUsed: (text) => lookUp(text).isUsed,
    release(facts) {
      const { image } = lookUp(facts.name)
      if (image === undefined) return []
      const [text] = attempt(() => readHeld.get(image)) as unknown as [string]
      const held = JSON.parse(text) as number[]
      return heldBy(facts).filter((_, at) => isLetGo(held[at] ?? 0))
    },
    isHeld: (digest) => lookUp(digest).holders > 0,
  }
}

function openStreamTable(scratch: Scratch): StreamTable {
  const { db, attempt } = scratch
  const insert = db.prepare('INSERT INTO streams (stream) VALUES (?)')
  return {
    add(stream) {
      attempt(() => insert.run(JSON.stringify(asPruned(stream))))
    },
    *[Symbol.iterator]() {
      for (const [text] of rowsOf<[string]>(scratch, 'streams', 'stream'))
        yield JSON.parse(text) as ImageStream
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
