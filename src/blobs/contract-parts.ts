import { createHash } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import type { Digest, DigestAlgorithm } from '../oci/digest.ts'
import type { BlobStore } from './blobs.ts'

/** What the parts of the contract share. */

/** One engine, empty at first, that can be closed and opened again over what it holds. */
export interface ContractSubject extends AsyncDisposable {
  blobs: BlobStore
  reopen(): Promise<BlobStore>
  /** Whatever lies in the storage that is neither a blob nor a session, by name. */
  residue(): Promise<string[]>
}

export function digestOf(bytes: Uint8Array, algorithm: DigestAlgorithm = 'sha256'): Digest {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}` as Digest
}

export async function* pieces(bytes: Uint8Array, size = 1000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

export async function* broken(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield* pieces(bytes)
  throw new Error('the line is dead')
}

export async function contentOf(blobs: BlobStore, digest: Digest): Promise<Uint8Array | undefined> {
  const opened = await blobs.open(digest)
  return opened === undefined ? undefined : new Uint8Array(await buffer(opened.stream))
}

export async function listed(blobs: BlobStore): Promise<Map<Digest, number>> {
  const found = new Map<Digest, number>()
  for await (const { digest, size } of blobs.list()) found.set(digest, size)
  return found
}

export const absent = digestOf(Buffer.from('nobody stored this'))
