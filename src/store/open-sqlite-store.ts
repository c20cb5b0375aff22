import { closeSync, existsSync, openSync, realpathSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { openDatabase, toOpenError } from './database.ts'
import { lockFile } from './lock-file.ts'
import { LogReader, readCompacted, readNewest } from './log-reader.ts'
import { LogWriter } from './log-writer.ts'
import { type Retention, RetentionPolicy } from './retention.ts'
import { SqliteStore } from './sqlite-store.ts'
import type { Store } from './store.ts'
import { StoreOpenError } from './store-errors.ts'
import { createThreadWriter } from './thread-writer.ts'
import type { WatchHubOptions } from './watch-hub.ts'
import { createInlineWriter, type Writer } from './writer.ts'

export interface SqliteStoreOptions {
  /** Path of the database, which is created when it is missing, but not its folder; ':memory:' keeps nothing. */
  file: string
  /** How much history is kept; absent: all, until `compact` is called. */
  retention?: Retention
  /** Milliseconds of a clock that does not go back, for `retention.keepMs`. */
  now?: () => number
  /** Bytes of values kept in memory for reads of single keys; 32 MiB when absent. */
  cacheBytes?: number
  /** Bounds on what is kept for watchers. */
  watch?: Partial<WatchHubOptions>
}

const watchDefaults: WatchHubOptions = { events: 8192, bytes: 4 << 20, lag: 100_000, progressMs: 1000 }

/**
 * Opens a store in one SQLite file (and its `-wal`, `-shm` and `-lock` beside it). Disposing drains the commits that
 * wait, moves them into the file and gives it free.
 * Values that it takes are copied; values that it gives are shared and must not be written to, but for those of lists.
 * StoreLockedError, StoreOpenError: nothing was opened; the file is as it was.
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  return options.file === ':memory:' ? openInMemory(options) : openFile(realPath(options.file), options)
}

async function openFile(file: string, options: SqliteStoreOptions): Promise<Store> {
  const lock = lockFile(file)
  let db: ReturnType<typeof openDatabase> | undefined
  try {
    createPrivately(file)
    db = openDatabase(file)
    const { newest, compacted } = readHead(db, file)
    // Reads happen on this connection from now on, writes only on the writer's. SQLite drops its own cache of pages
    // whenever another connection has written; mapped pages stay.
    db.exec('PRAGMA query_only = ON; PRAGMA cache_size = -2048; PRAGMA mmap_size = 16777216')
    return start(
      { reader: new LogReader(db), writer: createThreadWriter(file), newest, compacted },
      lock,
      options,
    )
  } catch (error) {
    db?.close()
    lock[Symbol.dispose]()
    throw error
  }
}

function openInMemory(options: SqliteStoreOptions): Store {
  const db = openDatabase(':memory:')
  const reader = new LogReader(db)
  const writer = createInlineWriter(new LogWriter(db))
  return start({ reader, writer, newest: 0, compacted: 0 }, undefined, options)
}

/** Secrets are among the objects: only the owner may read the file, and SQLite gives its companions the same mode. */
function createPrivately(file: string): void {
  try {
    closeSync(openSync(file, 'ax', 0o600))
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') return
    throw new StoreOpenError('not-writable', file, 'it cannot be created', { cause })
  }
}

interface Started {
  reader: LogReader
  writer: Writer
  newest: number
  compacted: number
}

function start(started: Started, lock: Disposable | undefined, options: SqliteStoreOptions): Store {
  const timers: NodeJS.Timeout[] = []
  const store = new SqliteStore({
    ...started,
    cacheBytes: options.cacheBytes ?? 8 << 20,
    watch: { ...watchDefaults, ...options.watch },
    release() {
      for (const timer of timers) clearInterval(timer)
      lock?.[Symbol.dispose]()
    },
  })
  if (options.retention !== undefined) timers.push(keepTidy(store, options.retention, options.now))
  if (started.compacted > 0) store.sweep().catch(() => {})
  return store
}

/** Forgets what the policy lets go of. A failure shows in the next commit, or is tried again. */
function keepTidy(store: SqliteStore, retention: Retention, now = () => performance.now()): NodeJS.Timeout {
  const policy = new RetentionPolicy(retention)
  let busy = false
  const look = () => {
    const target = policy.target(store.revision(), now())
    if (busy || target <= store.compacted()) return
    busy = true
    store
      .compact(target)
      .catch(() => {})
      .finally(() => {
        busy = false
      })
  }
  look()
  return setInterval(look, policy.every).unref()
}

function readHead(db: ReturnType<typeof openDatabase>, file: string): { newest: number; compacted: number } {
  try {
    return { newest: readNewest(db), compacted: readCompacted(db) }
  } catch (error) {
    throw toOpenError(file, error)
  }
}

/** One file has one lock, whichever links lead to it. StoreOpenError 'missing-folder', 'not-writable'. */
function realPath(file: string): string {
  const path = resolve(file)
  if (existsSync(path)) {
    if (statSync(path).isDirectory()) throw new StoreOpenError('not-writable', path, 'it is a folder')
    return realpathSync(path)
  }
  const folder = dirname(path)
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new StoreOpenError('missing-folder', path, `there is no folder ${folder}`)
  }
  return path
}
