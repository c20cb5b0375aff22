import { open, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { DigestAlgorithm } from '../oci/digest.ts'
import type { UploadStat } from './blobs.ts'
import { type BodyHash, createBodyHash } from './body-hash.ts'
import type { HashThreads } from './hash-threads.ts'
import { errorCode } from './storage-error.ts'

/**
 * What is known of one upload. On disk: `session.json`, written once at the start, and `data`, whose length is the
 * offset, so that nothing can contradict it after a crash. In memory: the running hash, which a restart forgets.
 */
export interface UploadSession {
  readonly id: string
  readonly folder: string
  readonly algorithm: DigestAlgorithm
  readonly owner: string
  readonly startedAt: Date
  /** Bytes in `data`. */
  offset: number
  /** Resolves when all of them are durable; rejects when they cannot be made so. */
  synced: Promise<void>
  /** Its record and the folders that lead to it are durable. */
  isFindable: boolean
  /** The hash of exactly `offset` bytes; undefined when it has to be made anew from the file. */
  hash: BodyHash | undefined
  /** Finished, cancelled or purged while others waited. */
  ended: boolean
  /** The tail of the line of those who change it. */
  turn: Promise<unknown>
}

interface SessionRecord {
  algorithm: DigestAlgorithm
  owner: string
  startedAt: string
}

export function newSession(
  id: string,
  folder: string,
  record: SessionRecord,
  threads?: HashThreads,
): UploadSession {
  return {
    id,
    folder,
    algorithm: record.algorithm,
    owner: record.owner,
    startedAt: new Date(record.startedAt),
    offset: 0,
    synced: Promise.resolve(),
    isFindable: false,
    hash: createBodyHash(record.algorithm, threads),
    ended: false,
    turn: Promise.resolve(),
  }
}

export const recordPath = (folder: string): string => join(folder, 'session.json')
export const dataPath = (folder: string): string => join(folder, 'data')

export function formatRecord(session: UploadSession): string {
  const { algorithm, owner, startedAt } = session
  return JSON.stringify({ algorithm, owner, startedAt: startedAt.toISOString() } satisfies SessionRecord)
}

function parseRecord(text: string): SessionRecord | undefined {
  try {
    const record = JSON.parse(text) as Partial<SessionRecord> | null
    const known = record?.algorithm === 'sha256' || record?.algorithm === 'sha512'
    if (!known || typeof record.owner !== 'string' || typeof record.startedAt !== 'string') return undefined
    return Number.isNaN(Date.parse(record.startedAt)) ? undefined : (record as SessionRecord)
  } catch {
    return undefined
  }
}

async function fileSize(path: string): Promise<number> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return 0
    throw error
  }
}

/** A session that an earlier process left; undefined when there is none, or a crash kept it from ever being announced. */
export async function loadSession(
  id: string,
  folder: string,
  threads?: HashThreads,
): Promise<UploadSession | undefined> {
  let text: string
  try {
    text = await readFile(recordPath(folder), 'utf8')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
  const record = parseRecord(text)
  if (record === undefined) return undefined
  const session = newSession(id, folder, record, threads)
  await remeasure(session, threads)
  return session
}

/** Takes the offset from the file, made durable first, and forgets the hash unless there is nothing to hash. */
export async function remeasure(session: UploadSession, threads?: HashThreads): Promise<void> {
  const path = dataPath(session.folder)
  const size = await fileSize(path)
  if (size > 0) {
    const file = await open(path, 'r+')
    try {
      await file.datasync()
    } finally {
      await file.close()
    }
  }
  session.offset = size
  session.synced = Promise.resolve()
  session.hash?.close()
  session.hash = size === 0 ? createBodyHash(session.algorithm, threads) : undefined
}

/** Runs the work when all earlier work on the session is over. */
export function inTurn<T>(session: UploadSession, work: () => Promise<T>): Promise<T> {
  const result = session.turn.then(work, work)
  session.turn = result.catch(() => undefined)
  return result
}

export function toUploadStat(session: UploadSession): UploadStat {
  const { id, offset, startedAt, owner } = session
  return { id, offset, startedAt, owner }
}
