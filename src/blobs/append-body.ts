import type { Hash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { toStorageError } from './storage-error.ts'

/** Bytes that are gathered for one write: the disk gets few calls while the socket delivers pieces of 64 KiB. */
const batchBytes = 1 << 20
/** Once so much has been written, the disk is set to work on it: the caller's own sync then finds little left to wait for. */
const syncBytes = 8 << 20
/** POSIX guarantees that many buffers to one writev. */
const batchBuffers = 512
/** Smaller chunks are left to the garbage collector. */
const releasedFrom = 4096

export interface Appended {
  /** Bytes of the body that are in the file. */
  bytes: number
  /** Set when the body ended with an error. */
  broken?: { error: unknown }
}

async function writeAll(file: FileHandle, buffers: readonly Uint8Array[], position: number): Promise<void> {
  let at = position
  let rest = [...buffers]
  while (rest.length > 0) {
    const { bytesWritten } = await file.writev(rest, at)
    at += bytesWritten
    let done = bytesWritten
    while (rest.length > 0 && done >= (rest[0] as Uint8Array).length) {
      done -= (rest[0] as Uint8Array).length
      rest = rest.slice(1)
    }
    if (done > 0) rest[0] = (rest[0] as Uint8Array).subarray(done)
  }
}

export interface AppendOptions {
  onWritten?: (bytes: number) => void
  /** Nobody else reads the chunks: their memory is given back once they are written. */
  ownsChunks?: boolean
}

/**
 * Chunks of a socket are memory outside of the heap; left to the garbage collector, every 64 MiB of them cost a full collection.
 * Only memory that is the chunk's alone is given back.
 */
function release(chunks: readonly Uint8Array[]): void {
  for (const { buffer, byteLength } of chunks) {
    const isWhole = buffer instanceof ArrayBuffer && buffer.byteLength === byteLength
    if (isWhole && byteLength >= releasedFrom) buffer.transfer(0)
  }
}

/**
 * Streams a body into the file from `position` on, feeding the hash on the way. The chunks themselves go to the disk:
 * none is copied, and the next batch is received and hashed while the last is being written. Throws BlobStorageError;
 * then the hash holds more than the file. An error of the body is handed back, after what arrived has been written. With
 * `onWritten` no batch is waited for while the disk is idle, and it is told how many bytes of the body are in the file.
 */
export async function appendBody(
  file: FileHandle,
  position: number,
  body: AsyncIterable<Uint8Array>,
  hash: Hash | undefined,
  { onWritten, ownsChunks = false }: AppendOptions = {},
): Promise<Appended> {
  let written = 0
  let isWriting = false
  let batch: Uint8Array[] = []
  let size = 0
  let pending: Promise<unknown> = Promise.resolve()
  let failed: { error: Error } | undefined
  let synced = 0
  let syncing: Promise<void> | undefined
  const fail = (error: unknown): void => {
    failed ??= { error: toStorageError(error) }
  }

  /** Errors of a sync are told once only, so whoever asks first has to keep them. */
  function syncBehind(reached: number): void {
    if (syncing !== undefined || reached - synced < syncBytes) return
    synced = reached
    syncing = file
      .datasync()
      .catch(fail)
      .finally(() => {
        syncing = undefined
      })
  }

  async function flush(): Promise<void> {
    await pending
    if (failed !== undefined) return
    const at = position + written
    written += size
    const reached = written
    isWriting = true
    const sent = batch
    pending = writeAll(file, sent, at).then(() => {
      isWriting = false
      if (ownsChunks) release(sent)
      onWritten?.(reached)
      syncBehind(reached)
    }, fail)
    batch = []
    size = 0
  }

  let broken: { error: unknown } | undefined
  try {
    for await (const chunk of body) {
      hash?.update(chunk)
      batch.push(chunk)
      size += chunk.length
      const isEager = onWritten !== undefined && !isWriting
      if (isEager || size >= batchBytes || batch.length >= batchBuffers) await flush()
      if (failed !== undefined) break
    }
  } catch (error) {
    broken = { error }
  }
  if (size > 0) await flush()
  await pending
  await syncing
  const refusal = failed as { error: Error } | undefined
  if (refusal !== undefined) throw refusal.error
  return { bytes: written, ...(broken === undefined ? {} : { broken }) }
}
