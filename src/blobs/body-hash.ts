import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import type { DigestAlgorithm } from '../oci/digest.ts'
import type { HashThreads, ThreadHash } from './hash-threads.ts'
import { writeParts } from './write-parts.ts'

/** The running hash of a body that goes into a file. Bodies of more than one batch are hashed in a thread, small ones here. */
export interface BodyHash {
  /**
   * Counts the parts in and writes them at the position. They must be the whole of their buffers, which are given away. Calls
   * need not wait for each other; once one has failed, so do the later ones. `isLast`: nothing follows for now.
   */
  write(
    file: FileHandle,
    position: number,
    parts: readonly Uint8Array<ArrayBuffer>[],
    isLast: boolean,
  ): Promise<void>
  /** In hex, of everything so far; more may follow. */
  digest(): Promise<string>
  /** Forgets it. */
  close(): void
}

/** `threads` absent: everything is hashed here. */
export function createBodyHash(algorithm: DigestAlgorithm, threads?: HashThreads): BodyHash {
  const own = createHash(algorithm)
  let thread: ThreadHash | undefined
  let isEmpty = true
  let written: Promise<void> = Promise.resolve()
  return {
    write(file, position, parts, isLast) {
      if (isEmpty && !isLast) thread = threads?.open(algorithm)
      isEmpty = false
      if (thread !== undefined) return thread.write(file.fd, position, parts)
      for (const part of parts) own.update(part)
      written = written.then(() => writeParts(file, parts, position))
      return written
    },
    digest: () => thread?.digest() ?? Promise.resolve(own.copy().digest('hex')),
    close: () => thread?.close(),
  }
}
