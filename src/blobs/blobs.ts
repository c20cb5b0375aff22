import type { Readable, Writable } from 'node:stream'
import type { Digest } from '../oci/digest.ts'

/**
 * Content by digest (design.md §3 "blobs", registry.md §21). A blob is visible only when whole and verified; an
 * acknowledged one survives `kill -9`. Who may see which blob is not decided here.
 */

export interface BlobStat {
  digest: Digest
  /** Bytes. */
  size: number
}

/** Both ends inclusive, within the blob. */
export interface ByteRange {
  start: number
  end: number
}

/** Bytes that write themselves. */
export interface BlobSender {
  /**
   * Writes the bytes to the sink and ends it. Rejects when either side fails, the sink left as it is. The sink must be done
   * with a chunk when it calls back, as sockets and responses are, for the buffer is used again; a transform is not.
   */
  sendTo(sink: Writable): Promise<void>
}

export interface OpenBlob extends BlobStat, BlobSender {
  /** The bytes of the range, or all; must be read or destroyed, unless `sendTo` is used instead, which is less work. */
  readonly stream: Readable
}

/** A blob on its way in, which others read meanwhile. */
export interface Receiving extends BlobStat {
  /** Bytes that are here. */
  readonly received: number
  /** The blob is stored; rejects when it will not be: DigestMismatchError, BlobStorageError or the body's own error. */
  readonly done: Promise<BlobStat>
  /**
   * Sends the range, or all, as it arrives, and the blob's last byte only after the digest was right. Must be sent. undefined
   * when the transfer is over.
   */
  sender(range?: ByteRange): BlobSender | undefined
}

/** A session of registry.md §4: bytes arrive in order, at a known offset, and outlive a restart. */
export interface UploadStat {
  id: string
  /** Bytes that are stored and will still be there when the process was killed. */
  offset: number
  startedAt: Date
  /** What {@link Uploads.start} was given; '' when nothing. */
  owner: string
}

export interface Uploads {
  /**
   * `algorithm` pre-selects the hash (registry.md end-4c). `owner` is opaque text kept with the session, by which the
   * caller recognises whose it is (threats.md row 12). RangeError for one of more than 100 bytes.
   */
  start(algorithm?: 'sha256' | 'sha512', owner?: string): Promise<UploadStat>
  /** UploadUnknownError. */
  stat(id: string): Promise<UploadStat>
  /**
   * Appends at `offset`. OffsetError, with nothing written, when it is not the session's (also for the loser of two
   * writers). When the body breaks off, what arrived is kept, the offset persisted, and the body's error thrown. `canWait`:
   * the bytes need not outlive a loss of power before `finish`; a client that is told fewer sends the rest again.
   * `ownsChunks`: nobody else reads the body's chunks, whose memory may be given back as soon as they are stored.
   */
  append(
    id: string,
    offset: number,
    body: AsyncIterable<Uint8Array>,
    options?: { canWait?: boolean; ownsChunks?: boolean },
  ): Promise<UploadStat>
  /**
   * Makes the session's bytes the blob. DigestMismatchError discards them (registry.md A-25). Idempotent where the blob
   * exists already.
   */
  finish(id: string, digest: Digest): Promise<BlobStat>
  /** UploadUnknownError. */
  cancel(id: string): Promise<void>
  /** Sessions not touched since the time are dropped; resolves to how many. */
  purge(before: Date): Promise<number>
  /** Every session that can still be gone on with. */
  list(): AsyncIterable<UploadStat>
}

/** A blob out of sight, which can be brought back until it is deleted. */
export interface DiscardedBlob extends BlobStat {
  /** When it was moved here. */
  discarded: Date
}

export interface BlobTrash {
  /** Moves the blob out of sight of everything but this interface; undefined when there is none. */
  discard(digest: Digest): Promise<BlobStat | undefined>
  /** Brings it back, durably; undefined when it is not here. What has been stored anew since is the same content. */
  restore(digest: Digest): Promise<BlobStat | undefined>
  stat(digest: Digest): Promise<DiscardedBlob | undefined>
  /** Its bytes, for copies: it stays where it is. */
  open(digest: Digest): Promise<OpenBlob | undefined>
  list(): AsyncIterable<DiscardedBlob>
  /** Removes it for good; false when there was none. */
  delete(digest: Digest): Promise<boolean>
}

export interface BlobStore extends AsyncDisposable {
  stat(digest: Digest): Promise<BlobStat | undefined>
  open(digest: Digest, range?: ByteRange): Promise<OpenBlob | undefined>
  /** A whole small blob (a manifest, a config); RangeError when it is larger than `limit` bytes. */
  read(digest: Digest, limit: number): Promise<Uint8Array | undefined>
  /** Stores the body in one go, hashing on the way. DigestMismatchError: nothing is kept. */
  put(digest: Digest, body: AsyncIterable<Uint8Array> | Uint8Array): Promise<BlobStat>
  /**
   * Stores a body of that size as `put` does, open to readers from its first byte. Rejects with BlobStorageError when it
   * cannot begin; the body is then untouched.
   */
  receive(digest: Digest, size: number, body: AsyncIterable<Uint8Array>): Promise<Receiving>
  readonly uploads: Uploads
  /** Removes the data; false when there was none. Readers that have it open finish undisturbed. */
  delete(digest: Digest): Promise<boolean>
  list(): AsyncIterable<BlobStat & { modified: Date }>
  /** As `list`, at the cost of reading names alone; also of what is in the trash, perhaps. */
  digests(): AsyncIterable<Digest>
  /** When the blob's bytes were written; undefined when there is none. */
  written(digest: Digest): Promise<Date | undefined>
  readonly trash: BlobTrash
  /** Removes what a crash left: temporary files that no session owns. Resolves to how many. */
  sweep(): Promise<number>
}

export class UploadUnknownError extends Error {
  override readonly name = 'UploadUnknownError'
  readonly id: string
  constructor(id: string) {
    super(`no upload session ${id}`)
    this.id = id
  }
}

export class OffsetError extends Error {
  override readonly name = 'OffsetError'
  readonly asked: number
  readonly offset: number
  constructor(asked: number, offset: number) {
    super(`bytes offered at ${asked}, the session is at ${offset}`)
    this.asked = asked
    this.offset = offset
  }
}

export class DigestMismatchError extends Error {
  override readonly name = 'DigestMismatchError'
  readonly claimed: Digest
  readonly actual: string
  constructor(claimed: Digest, actual: string) {
    super(`content has digest ${actual}, not ${claimed}`)
    this.claimed = claimed
    this.actual = actual
  }
}

export type StorageProblem = 'full' | 'read-only' | 'failed'

/** The storage itself refused; the cause is the engine's own error. What was acknowledged before is untouched. */
export class BlobStorageError extends Error {
  override readonly name = 'BlobStorageError'
  readonly problem: StorageProblem
  constructor(problem: StorageProblem, cause: unknown) {
    super(problem === 'failed' ? 'blob storage failed' : `blob storage is ${problem}`, { cause })
    this.problem = problem
  }
}
