import { DatabaseSync } from 'node:sqlite'

/**
 * A database that lasts as long as one piece of work: in memory while it is little, else in a file that has no name in any folder and
 * goes with the process, killed or not (docs/decisions/056). Rows are arrays.
 */
export interface Scratch extends Disposable {
  readonly db: DatabaseSync
  /** Does the work on it, unless some work has failed before. */
  attempt<T>(work: () => T): T
}

export interface ScratchOptions {
  /** SQL that makes the tables. */
  schema: string
  /** KiB that are kept in memory at most. */
  cache?: number | undefined
  /** Of 4 KiB each, in memory and file together. */
  mostPages?: number | undefined
  /** 'memory': nothing of it goes into a file. */
  place?: Place | undefined
}

export type Place = 'file' | 'memory'

/** The file cannot be written or read. What the database says is worth nothing from then on, and it says nothing any more. */
export class ScratchError extends Error {
  override readonly name = 'ScratchError'

  constructor(cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause)
    super(`a temporary file cannot be used: ${why}; SQLITE_TMPDIR may name a folder with more room`, {
      cause,
    })
  }
}

/** Nobody reads the file after a crash, so nothing is written twice or waited for. All is one transaction, which never ends. */
const settings = `
  PRAGMA journal_mode = OFF;
  PRAGMA synchronous = OFF;
  PRAGMA locking_mode = EXCLUSIVE;
`

/** `attempt` throws a ScratchError where the file has no room, and always after that. */
export function openScratch({ schema, cache = 2048, mostPages, place }: ScratchOptions): Scratch {
  const db = new DatabaseSync('', { returnArrays: true } as object)
  const limit = mostPages === undefined ? '' : `PRAGMA max_page_count = ${mostPages};`
  const spill = place === 'memory' ? 'PRAGMA cache_spill = OFF;' : ''
  db.exec(`PRAGMA cache_size = -${cache}; ${limit} ${spill} ${settings} ${schema}; BEGIN`)
  let failure: ScratchError | undefined
  return {
    db,
    attempt(work) {
      if (failure !== undefined) throw failure
      try {
        return work()
      } catch (error) {
        failure = new ScratchError(error)
        throw failure
      }
    },
    [Symbol.dispose]: () => db.close(),
  }
}

/**
 * Does the work, and all of it once more in memory where the file has no room: who makes room on a full disk must not need any. For work
 * that may be broken off and begun anew.
 */
export async function whereThereIsRoom<T>(work: (place: Place) => Promise<T>): Promise<T> {
  try {
    return await work('file')
  } catch (error) {
    if (!(error instanceof ScratchError)) throw error
    return work('memory')
  }
}

const digestShape = /^sha256:[0-9a-f]{64}$/
const bytes = new Uint8Array(32)

/**
 * A name as a key of a column without a type, until the next call: digests as their bytes, half as long. Text is never equal to bytes.
 */
export function scratchKey(name: string): string | Uint8Array {
  if (!digestShape.test(name)) return name
  bytes.setFromHex(name.slice(7))
  return bytes
}
