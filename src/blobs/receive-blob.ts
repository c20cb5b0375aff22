import { close, open } from 'node:fs'
import { type FileHandle, open as openHandle } from 'node:fs/promises'
import { promisify } from 'node:util'
import type { Digest } from '../oci/digest.ts'
import { digestAlgorithm } from '../oci/digest.ts'
import { appendBody, batchBytes } from './append-body.ts'
import { createBlobSender } from './blob-file.ts'
import { type BlobStat, DigestMismatchError, type Receiving } from './blobs.ts'
import { createBodyHash } from './body-hash.ts'
import type { HashThreads } from './hash-threads.ts'

const openFd = promisify(open)
const closeFd = promisify(close)

export interface ReceiveOptions {
  /** A new file, on the file system of the blobs. */
  path: string
  digest: Digest
  /** Bytes that the blob is said to have. */
  size: number
  body: AsyncIterable<Uint8Array>
  threads: HashThreads | undefined
  /** Makes the file, whole, verified and fsynced, the blob. */
  install(): Promise<void>
  /** The file is of no more use. */
  discard(): Promise<void>
}

/**
 * Takes a blob in while others read what has arrived. Readers are never ahead of the hash: the last byte is held back until
 * the digest was right, so nobody takes a wrong or a broken transfer for a whole one, and no reader, however slow, holds
 * up the transfer. Rejects when the file cannot be made.
 */
export async function receiveBlob(options: ReceiveOptions): Promise<Receiving> {
  const { path, digest, size } = options
  const handle = await openHandle(path, 'wx')
  const fd = await openFd(path, 'r').catch(async (error: unknown) => {
    await handle.close()
    throw error
  })
  const state = createProgress(size)
  let readers = 0
  let isOver = false
  const closeUnused = async (): Promise<void> => {
    if (isOver && readers === 0) await closeFd(fd)
  }
  const done = write(handle, options, state.arrived, state.verified)
    .catch((error: unknown) => {
      state.failed(error)
      throw error
    })
    .finally(async () => {
      isOver = true
      await closeUnused()
    })
  // Readers learn of the failure too; one who only reads need not ask for the end.
  done.catch(() => undefined)
  return {
    digest,
    size,
    get received() {
      return state.received()
    },
    done,
    sender(range) {
      // Once it is over the descriptor may be gone: by then the blob is found in the store, or nowhere.
      if (isOver) return undefined
      readers++
      const { start, end } = range ?? { start: 0, end: size - 1 }
      return createBlobSender(fd, { start, end }, state.beyond, async () => {
        readers--
        await closeUnused()
      })
    },
  }
}

async function write(
  handle: FileHandle,
  { digest, size, body, threads, install, discard }: ReceiveOptions,
  arrived: (bytes: number) => void,
  verified: () => void,
): Promise<BlobStat> {
  try {
    const algorithm = digestAlgorithm(digest)
    const hash = createBodyHash(algorithm, size > batchBytes ? threads : undefined)
    try {
      const { bytes, broken } = await appendBody(handle, 0, body, hash, { onWritten: arrived })
      if (broken !== undefined) throw broken.error
      const actual = `${algorithm}:${await hash.digest()}`
      if (bytes !== size || actual !== digest) throw new DigestMismatchError(digest, actual)
      verified()
      await handle.sync()
    } finally {
      hash.close()
      await handle.close()
    }
    await install()
    return { digest, size }
  } finally {
    await discard()
  }
}

/** How far readers may go, and word when that changes. */
function createProgress(size: number) {
  let received = 0
  let limit = 0
  let failure: { error: unknown } | undefined
  let next = Promise.withResolvers<void>()

  function tell(): void {
    next.resolve()
    next = Promise.withResolvers<void>()
  }

  return {
    received: () => received,
    arrived(bytes: number): void {
      received = bytes
      limit = Math.min(bytes, size - 1)
      tell()
    },
    verified(): void {
      limit = size
      tell()
    },
    failed(error: unknown): void {
      failure = { error }
      tell()
    },
    /** Resolves to how many bytes may be read from the position on, at least one. Rejects when there will be none. */
    async beyond(position: number): Promise<number> {
      while (limit <= position) {
        if (failure !== undefined) throw failure.error
        await next.promise
      }
      return limit - position
    },
  }
}
