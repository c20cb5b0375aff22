import type { FileHandle } from 'node:fs/promises'
import type { BodyHash } from './body-hash.ts'
import { createChunkBatch } from './chunk-batch.ts'
import { eachPiece } from './lent-body.ts'
import { toStorageError } from './storage-error.ts'
import { writeParts } from './write-parts.ts'

/** Bytes that go to the disk at a time, so that it gets few calls while the socket delivers pieces of 64 KiB. */
export const batchBytes = 512 << 10
/** The same when many bodies come in at once, and together would take much memory; then one at a time is on its way. */
const smallBatchBytes = 128 << 10
const manyBodies = 16
/** Batches of a body that are on their way while the next is gathered. */
const mostPending = 2
/** Once so much has been written, the disk is set to work on it: the caller's own sync then finds little left to wait for. */
const syncBytes = 4 << 20

let bodies = 0

export interface Appended {
  /** Bytes of the body that are in the file. */
  bytes: number
  /** Set when the body ended with an error. */
  broken?: { error: unknown }
}

export interface AppendOptions {
  /** Told how many bytes of the body are in the file; then nothing is kept waiting while nothing is on its way. */
  onWritten?: (bytes: number) => void
  /** Nobody else reads the chunks: their memory is given away, and back once they are written. */
  ownsChunks?: boolean
}

/**
 * Streams a body into the file from `position` on, through the hash, which may be absent. The next batches are received while
 * one is hashed and written. Throws BlobStorageError; then the hash holds more than the file. An error of the body is handed
 * back, after what arrived has been written.
 */
export async function appendBody(
  file: FileHandle,
  position: number,
  body: AsyncIterable<Uint8Array>,
  hash: Pick<BodyHash, 'write'> | undefined,
  { onWritten, ownsChunks = false }: AppendOptions = {},
): Promise<Appended> {
  const batch = createChunkBatch(ownsChunks)
  const pending: Promise<void>[] = []
  let sent = 0
  let written = 0
  let failed: { error: Error } | undefined
  const fail = (error: unknown): void => {
    failed ??= { error: toStorageError(error) }
  }
  const sync = createSyncBehind(file, fail)

  // Without a hash nobody keeps later batches from being written after one has failed.
  const most = (): number => (hash === undefined || bodies > manyBodies ? 1 : mostPending)
  const enough = (): number => (bodies > manyBodies ? smallBatchBytes : batchBytes)

  function send(isLast: boolean): void {
    const { size } = batch
    const parts = batch.take()
    const at = position + sent
    sent += size
    const work = hash === undefined ? writeParts(file, parts, at) : hash.write(file, at, parts, isLast)
    const done = work
      .then(() => {
        written += size
        onWritten?.(written)
        sync.reached(written)
      }, fail)
      .finally(() => {
        pending.shift()
        if (isAwaited()) send(false)
      })
    pending.push(done)
  }

  /** Whether somebody may wait for what has been gathered. */
  function isAwaited(): boolean {
    return onWritten !== undefined && pending.length === 0 && batch.size > 0 && failed === undefined
  }

  function take(piece: Uint8Array): Promise<void> | undefined {
    batch.add(piece)
    if (batch.size < enough() && !isAwaited()) return undefined
    if (pending.length >= most()) return sendInTurn(false)
    if (failed !== undefined) throw failed.error
    send(false)
    return undefined
  }

  async function sendInTurn(isLast: boolean): Promise<void> {
    while (pending.length >= most()) await pending[0]
    if (failed !== undefined) throw failed.error
    if (batch.size > 0) send(isLast)
  }

  let broken: { error: unknown } | undefined
  bodies++
  try {
    await eachPiece(body, take)
  } catch (error) {
    if (error !== failed?.error) broken = { error }
  } finally {
    bodies--
  }
  await sendInTurn(true).catch(fail)
  await Promise.all(pending)
  await sync.settled()
  const refusal = failed as { error: Error } | undefined
  if (refusal !== undefined) throw refusal.error
  return { bytes: written, ...(broken === undefined ? {} : { broken }) }
}

/** Errors of a sync are told once only, so whoever asks first has to keep them. */
function createSyncBehind(file: FileHandle, fail: (error: unknown) => void) {
  let synced = 0
  let syncing: Promise<void> | undefined
  return {
    reached(bytes: number): void {
      if (syncing !== undefined || bytes - synced < syncBytes) return
      synced = bytes
      syncing = file
        .datasync()
        .catch(fail)
        .finally(() => {
          syncing = undefined
        })
    },
    settled: () => syncing,
  }
}
