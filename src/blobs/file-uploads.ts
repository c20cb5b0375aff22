import { randomUUID } from 'node:crypto'
import { constants, type Stats } from 'node:fs'
import { type FileHandle, open, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
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
import type { SessionRecord, UploadSession } from './upload-session.ts'
import { inTurn, loadSession, newSession, parseName, remeasure, toUploadStat } from './upload-session.ts'

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

/** The sessions of the file engine: a file each under `uploads/`. */
export function createFileUploads({ paths, folders, threads, clock }: FileUploadsOptions): Uploads {
  const sessions = new Map<string, Promise<UploadSession | undefined>>()
  /** Those that an earlier process left, read once: an id that nobody has costs no look at the disk. */
  let left: Promise<Map<string, SessionRecord>> | undefined

  async function readLeft(): Promise<Map<string, SessionRecord>> {
    left ??= readRecords().then((records) => new Map(records.map((record) => [record.id, record])))
    try {
      return await left
    } catch (error) {
      left = undefined
      throw error
    }
  }

  async function readRecords(): Promise<SessionRecord[]> {
    return (await readdir(paths.uploads)).map(parseName).filter((record) => record !== undefined)
  }

  async function load(id: string): Promise<UploadSession | undefined> {
    const record = (await readLeft()).get(id)
    return record === undefined ? undefined : loadSession(paths.uploads, record, threads)
  }

  async function find(id: string): Promise<UploadSession> {
    let loading = sessions.get(id)
    if (loading === undefined) {
      loading = load(id)
      sessions.set(id, loading)
    }
    const session = await loading.catch((error: unknown) => {
      sessions.delete(id)
      throw error
    })
    if (session !== undefined && !session.ended) return session
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
    await rm(session.file, { force: true })
    forget(session)
  }

  /** Its file is gone, or has become a blob. */
  function forget(session: UploadSession): void {
    session.ended = true
    session.hash?.close()
    sessions.delete(session.id)
    left?.then((records) => records.delete(session.id)).catch(() => undefined)
  }

  async function start(algorithm: 'sha256' | 'sha512' = 'sha256', owner = ''): Promise<UploadStat> {
    const record = { id: randomUUID(), algorithm, owner, startedAt: clock() }
    const session = newSession(paths.uploads, record, threads)
    sessions.set(session.id, Promise.resolve(session))
    try {
      const file = await open(session.file, 'wx')
      await file.close()
    } catch (error) {
      await end(session)
      throw error
    }
    return toUploadStat(session)
  }

  /** The session's entry needs to outlive a crash only from its first byte on. */
  async function makeFindable(session: UploadSession): Promise<void> {
    await folders.sync(paths.uploads)
    session.isFindable = true
  }

  async function receive(
    session: UploadSession,
    body: AsyncIterable<Uint8Array>,
    { canWait, ownsChunks }: { canWait: boolean; ownsChunks: boolean },
  ): Promise<void> {
    const { hash, offset } = session
    session.hash = undefined
    const file = await open(session.file, constants.O_WRONLY | constants.O_CREAT)
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
      return hashFile(session.file, session.offset, algorithm)
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
        await installBlob(paths, folders, session.file, digest)
        forget(session)
      } else await end(session)
      return { digest, size }
    })
  }

  async function touched({ file }: Pick<UploadSession, 'file'>): Promise<number> {
    return (await statOrNothing(file))?.mtimeMs ?? 0
  }

  async function purge(before: Date): Promise<number> {
    let dropped = 0
    for (const name of await readdir(paths.uploads)) {
      const record = parseName(name)
      const file = join(paths.uploads, name)
      if (record === undefined || (await touched({ file })) >= before.getTime()) continue
      const isOver = await change(record.id, async (session) => {
        // Someone may have written while we waited for our turn.
        if ((await touched(session)) >= before.getTime()) return false
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
    for (const { id } of await storing(readRecords)) {
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
