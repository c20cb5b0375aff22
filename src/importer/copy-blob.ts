import type { Readable } from 'node:stream'
import { PassThrough } from 'node:stream'
import pLimit from 'p-limit'
import type { Digest } from '../oci/index.ts'
import type { BlobAnswer, Log } from '../upstream/index.ts'

/** Keeps pulled blobs: one copy a digest at a time, whether or not the client stays (registry.md B-61, B-62). */

export interface BlobCopier {
  /** Copies in the background, unless that is under way already. */
  start(repository: string, digest: Digest, open: () => Promise<BlobAnswer>): void
  /**
   * Opens once, for the client and the copy: the client reads while the bytes are stored. undefined when a copy is under
   * way already, or none may be made now: the client then is served by itself. Rejects when opening fails.
   */
  share(
    repository: string,
    digest: Digest,
    open: () => Promise<BlobAnswer>,
    signal: AbortSignal,
  ): Promise<BlobAnswer | undefined>
  /** Resolves when nothing is under way. */
  settled(): Promise<void>
}

export interface CopierDeps {
  /** Stores the blob and links it into the repository; rejects when the bytes aren't the digest's. */
  store(repository: string, digest: Digest, body: AsyncIterable<Uint8Array>): Promise<void>
  /** Copies at once; further background copies are left out rather than queued. */
  most: number
  log: Log
}

export function createBlobCopier({ store, most, log }: CopierDeps): BlobCopier {
  const running = new Map<Digest, Promise<void>>()
  const limit = pLimit(most)
  const isFull = () => limit.activeCount + limit.pendingCount >= most

  /** The mark is cleared in every outcome, so that the next request may try again. */
  const run = (digest: Digest, task: () => Promise<void>): void => {
    const copy = limit(task)
      .catch((error: unknown) => log.warn({ err: error, digest }, 'pulled blob was not kept'))
      .finally(() => running.delete(digest))
    running.set(digest, copy)
  }

  return {
    start(repository, digest, open) {
      if (running.has(digest) || isFull()) return
      run(digest, async () => {
        const answer = await open().catch((error: unknown) =>
          log.debug({ err: error, digest }, 'blob copy not begun'),
        )
        if (answer !== undefined) await store(repository, digest, answer.stream)
      })
    },

    async share(repository, digest, open, signal) {
      if (running.has(digest) || isFull()) return undefined
      const opened = Promise.withResolvers<BlobAnswer>()
      run(digest, async () => {
        const answer = await open().catch(opened.reject)
        if (answer === undefined) return
        const { client, copy } = divide(answer.stream, signal)
        opened.resolve({ ...answer, stream: client })
        await store(repository, digest, copy)
      })
      return opened.promise
    },

    async settled() {
      while (running.size > 0) await Promise.all(running.values())
    },
  }
}

/** Two readers of one stream. Either may leave; the slower one sets the pace; its failure is that of both. */
function divide(source: Readable, signal: AbortSignal): { client: Readable; copy: Readable } {
  const client = new PassThrough()
  const copy = new PassThrough()
  const readers = [client, copy]
  source.once('error', (error) => {
    for (const reader of readers) reader.destroy(error)
  })
  for (const reader of readers) {
    reader.on('error', () => undefined)
    reader.once('close', () => {
      if (readers.every(({ closed }) => closed)) source.destroy()
    })
    source.pipe(reader)
  }
  const leave = () => client.destroy(signal.reason instanceof Error ? signal.reason : undefined)
  if (signal.aborted) leave()
  signal.addEventListener('abort', leave, { once: true })
  client.once('close', () => signal.removeEventListener('abort', leave))
  return { client, copy }
}
