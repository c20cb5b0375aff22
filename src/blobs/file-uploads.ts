import { randomUUID } from 'node:crypto'
import { constants, type Stats } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, rm, rmdir, stat, unlink, writeFile } from 'node:fs/promises'
import type { Digest } from '../oci/digest.ts'
import { digestAlgorithm } from '../oci/digest.ts'
import { appendBody } from './append-body.ts'
import type { BlobPaths } from './blob-paths.ts'
import type { BlobStat, UploadStat, Uploads } from './blobs.ts'
import { DigestMismatchError, OffsetError, UploadUnknownError } from './blobs.ts'
import type { FolderSync } from './folder-sync.ts'
import { hashFile } from './hash-file.ts'
import type { HashThreads } from './hash-threads.ts'
import { installBlob } from './install-blob.ts'
import { errorCode, storing } from './storage-error.ts'
import type { UploadSession } from './upload-session.ts'
import {
  dataPath,
  formatRecord,
  inTurn,
  loadSession,
  newSession,
  recordPath,
  remeasure,
  toUploadStat,
} from './upload-session.ts'

export interface FileUploadsOptions {
  paths: BlobPaths
  folders: FolderSync
  threads: HashThreads | undefined
  clock: () => Date
}

async function statOrNothing(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

/** The sessions of the file engine: a folder each under `uploads/`. */
export function createFileUploads({ paths, folders, threads, clock }: FileUploadsOptions): Uploads & {
  /** Whether this process has the session in hand. */
  isKnown(id: string): boolean
  /** Resolves when nothing of ended sessions is left. */
  settled(): Promise<unknown>
} {
  const sessions = new Map<string, Promise<UploadSession | undefined>>()
  const removing = new Set<Promise<void>>()

  async function find(id: string): Promise<UploadSession> {
    const folder = paths.upload(id)
    if (folder === undefined) throw new UploadUnknownError(id)
    let loading = sessions.get(id)
    if (loading === undefined) {
      loading = loadSession(id, folder, threads)
      sessions.set(id, loading)
    }
    const session = await loading.catch((error: unknown) => {
      sessions.delete(id)
      throw error
    })
    if (session !== undefined && !session.ended) return session
    // An ended one stays known until it is gone, so that nobody takes what is left of it for a session.
    if (session === undefined) sessions.delete(id)
    throw new UploadUnknownError(id)
  }

  function change<T>(id: string, work: (session: UploadSession) => Promise<T>): Promise<T> {
    return storing(async () => {
      const session = await find(id)
      return inTurn(session, () => {
        if (session.ended) throw new UploadUnknownError(id)
        return work(session)
      })
    })
  }

  async function end(session: UploadSession): Promise<void> {
    session.ended = true
    session.hash?.close()
    await rm(session.folder, { recursive: true, force: true })
    sessions.delete(session.id)
  }

  /** The session's data has become a blob: nobody waits for the rest to go. What a crash leaves of it is swept or purged. */
  function endFinished(session: UploadSession): void {
    session.ended = true
    session.hash?.close()
    const removed = unlink(recordPath(session.folder))
      .then(() => rmdir(session.folder))
      .catch(() => rm(session.folder, { recursive: true, force: true }))
      .catch(() => undefined)
      .finally(() => {
        sessions.delete(session.id)
        removing.delete(removed)
      })
    removing.add(removed)
  }

  async function start(algorithm: 'sha256' | 'sha512' = 'sha256', owner = ''): Promise<UploadStat> {
    const id = randomUUID()
    const folder = paths.upload(id) as string
    const session = newSession(id, folder, { algorithm, owner, startedAt: clock().toISOString() }, threads)
    sessions.set(id, Promise.resolve(session))
    try {
      await mkdir(folder)
      await writeFile(recordPath(folder), formatRecord(session))
    } catch (error) {
      await end(session)
      throw error
    }
    return toUploadStat(session)
  }

  /** The session's record and folder need to outlive a crash only from its first byte on. */
  async function makeFindable(session: UploadSession): Promise<void> {
    const record = await open(recordPath(session.folder), 'r+')
    try {
      await record.sync()
    } finally {
      await record.close()
    }
    await Promise.all([session.folder, paths.uploads].map(folders.sync))
    session.isFindable = true
  }

  async function receive(
    session: UploadSession,
    body: AsyncIterable<Uint8Array>,
    { canWait, ownsChunks }: { canWait: boolean; ownsChunks: boolean },
  ): Promise<void> {
    const { hash, offset } = session
    session.hash = undefined
    const file = await open(dataPath(session.folder), constants.O_WRONLY | constants.O_CREAT)
    let appended: Awaited<ReturnType<typeof appendBody>>
    try {
      appended = await appendBody(file, offset, body, hash, { ownsChunks })
    } catch (error) {
      hash?.close()
      await file.close()
      throw error
    }
    const synced = sync(file, session.synced)
    session.synced = synced
    if (!canWait || appended.broken !== undefined) {
      await Promise.all([synced, session.isFindable ? undefined : makeFindable(session)])
    }
    session.offset = offset + appended.bytes
    session.hash = hash
    if (appended.broken !== undefined) throw new BodyError(appended.broken.error)
  }

  function append(
    id: string,
    offset: number,
    body: AsyncIterable<Uint8Array>,
    { canWait = false, ownsChunks = false }: { canWait?: boolean; ownsChunks?: boolean } = {},
  ): Promise<UploadStat> {
    return bodyErrorsApart(() =>
      change(id, async (session) => {
        if (offset !== session.offset) throw new OffsetError(offset, session.offset)
        const before = session.offset
        try {
          await receive(session, body, { canWait, ownsChunks })
        } catch (error) {
          if (session.offset === before && session.hash === undefined) await remeasure(session, threads)
          throw error
        }
        return toUploadStat(session)
      }),
    )
  }

  async function digestOf(session: UploadSession, digest: Digest): Promise<string> {
    const algorithm = digestAlgorithm(digest)
    if (session.hash === undefined || session.algorithm !== algorithm) {
      return hashFile(dataPath(session.folder), session.offset, algorithm)
    }
    return `${algorithm}:${await session.hash.digest()}`
  }

  function finish(id: string, digest: Digest): Promise<BlobStat> {
    return change(id, async (session) => {
      const size = session.offset
      const [actual, existing] = await Promise.all([
        digestOf(session, digest),
        statOrNothing(paths.data(digest)),
        session.synced,
      ])
      if (actual !== digest) {
        await end(session)
        throw new DigestMismatchError(digest, actual)
      }
      if (existing === undefined) {
        if (size === 0) await (await open(dataPath(session.folder), 'a')).close()
        await installBlob(paths, folders, dataPath(session.folder), digest)
        endFinished(session)
      } else await end(session)
      return { digest, size }
    })
  }

  async function touched(folder: string): Promise<number> {
    const data = await statOrNothing(dataPath(folder))
    const own = await statOrNothing(recordPath(folder))
    return Math.max(data?.mtimeMs ?? 0, own?.mtimeMs ?? 0)
  }

  async function purge(before: Date): Promise<number> {
    let dropped = 0
    for (const id of await readdir(paths.uploads)) {
      const folder = paths.upload(id)
      if (folder === undefined || (await touched(folder)) >= before.getTime()) continue
      const isOver = await change(id, async (session) => {
        // Someone may have written while we waited for our turn.
        if ((await touched(folder)) >= before.getTime()) return false
        await end(session)
        return true
      }).catch((error: unknown) => {
        if (error instanceof UploadUnknownError) return false
        throw error
      })
      if (isOver) dropped++
    }
    return dropped
  }

  async function* list(): AsyncGenerator<UploadStat> {
    for (const id of await storing(() => readdir(paths.uploads))) {
      if (paths.upload(id) === undefined) continue
      const session = await storing(() => find(id)).catch((error: unknown) => {
        if (error instanceof UploadUnknownError) return undefined
        throw error
      })
      if (session !== undefined) yield toUploadStat(session)
    }
  }

  return {
    list,
    start: (algorithm, owner) => storing(() => start(algorithm, owner)),
    stat: (id) => storing(async () => toUploadStat(await find(id))),
    append,
    finish,
    cancel: (id) => change(id, end),
    purge: (before) => storing(() => purge(before)),
    isKnown: (id) => sessions.has(id),
    settled: () => Promise.all(removing),
  }
}

/** Begins to make the file durable, then closes it. What failed before stays failed: the disk tells of a lost write only once. */
function sync(file: FileHandle, before: Promise<void>): Promise<void> {
  const synced = Promise.all([file.datasync().finally(() => file.close()), before]).then(() => undefined)
  // Whoever finishes the session asks; one that is given up need not.
  synced.catch(() => undefined)
  return synced
}

/** An error of the body, so that nobody takes it for one of the disk, which looks alike (both have a code). */
class BodyError extends Error {
  constructor(cause: unknown) {
    super('the body broke off', { cause })
  }
}

async function bodyErrorsApart<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw error instanceof BodyError ? error.cause : error
  }
}
