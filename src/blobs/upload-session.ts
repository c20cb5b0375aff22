import { open, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { DigestAlgorithm } from '../oci/digest.ts'
import type { UploadStat } from './blobs.ts'
import { type BodyHash, createBodyHash } from './body-hash.ts'
import type { HashThreads } from './hash-threads.ts'
import { errorCode } from './storage-error.ts'

/**
 * What is known of one upload. On disk: one file, whose name has what never changes and whose length is the offset, so that
 * nothing can contradict it after a crash (docs/decisions/055). In memory: the running hash, which a restart forgets.
 */
export interface UploadSession extends SessionRecord {
  /** Path of the file. */
  readonly file: string
  /** Bytes in it. */
  offset: number
  /** Resolves when all of them are durable; rejects when they cannot be made so. */
  synced: Promise<void>
  /** Its entry in the folder is durable. */
  isFindable: boolean
  /** The hash of exactly `offset` bytes; undefined when it has to be made anew from the file. */
  hash: BodyHash | undefined
  /** Finished, cancelled or purged while others waited. */
  ended: boolean
  /** The tail of the line of those who change it. */
  turn: Promise<unknown>
}

export interface SessionRecord {
  readonly id: string
  readonly algorithm: DigestAlgorithm
  readonly owner: string
  readonly startedAt: Date
}

/** The name of a file has room for it. */
const maxOwnerBytes = 100

/** `<uuid>.<algorithm>.<milliseconds>.<owner in base64url>`. RangeError for an owner that is too long. */
export function formatName({ id, algorithm, owner, startedAt }: SessionRecord): string {
  const bytes = Buffer.from(owner)
  if (bytes.length > maxOwnerBytes) {
    throw new RangeError(`an owner has at most ${maxOwnerBytes} bytes, not ${bytes.length}`)
  }
  return [id, algorithm, startedAt.getTime(), bytes.toString('base64url')].join('.')
}

const nameShape =
  /^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\.(sha256|sha512)\.([0-9]{1,15})\.([\w-]*)$/

/** undefined for a name that {@link formatName} would not give. */
export function parseName(name: string): SessionRecord | undefined {
  const [, id, algorithm, millis, owner] = nameShape.exec(name) ?? []
  if (id === undefined || owner === undefined) return undefined
  return {
    id,
    algorithm: algorithm as DigestAlgorithm,
    owner: Buffer.from(owner, 'base64url').toString(),
    startedAt: new Date(Number(millis)),
  }
}

export function newSession(folder: string, record: SessionRecord, threads?: HashThreads): UploadSession {
  return {
    ...record,
    file: join(folder, formatName(record)),
    offset: 0,
    synced: Promise.resolve(),
    isFindable: false,
    hash: createBodyHash(record.algorithm, threads),
    ended: false,
    turn: Promise.resolve(),
  }
}

async function fileSize(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

/** A session that an earlier process left; undefined where it is gone. */
export async function loadSession(
  folder: string,
  record: SessionRecord,
  threads?: HashThreads,
): Promise<UploadSession | undefined> {
  const session = newSession(folder, record, threads)
  if ((await fileSize(session.file)) === undefined) return undefined
  await remeasure(session, threads)
  return session
}

/** Takes the offset from the file, made durable first, and forgets the hash unless there is nothing to hash. */
export async function remeasure(session: UploadSession, threads?: HashThreads): Promise<void> {
  const size = (await fileSize(session.file)) ?? 0
  if (size > 0) {
    const file = await open(session.file, 'r+')
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
