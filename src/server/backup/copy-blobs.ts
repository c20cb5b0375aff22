import pLimit from 'p-limit'
import { type BlobStore, DigestMismatchError } from '../../blobs/index.ts'
import type { Digest } from '../../oci/index.ts'

export interface CopyResult {
  /** Blobs that the target had not, and their bytes. */
  copied: number
  copiedBytes: number
  /** All of them that the target has now, with their sizes. */
  present: Map<Digest, number>
  /** Content that is not what its digest says. */
  damaged: Digest[]
  /** Gone from the source. */
  missing: Digest[]
}

const atOnce = 4

/**
 * Copies what the target lacks, each hashed on the way; nothing half written is ever visible there. What lies in the source's trash
 * comes along.
 */
export async function copyBlobs(
  from: BlobStore,
  to: BlobStore,
  digests: Iterable<Digest> | AsyncIterable<Digest>,
): Promise<CopyResult> {
  const result: CopyResult = { copied: 0, copiedBytes: 0, present: new Map(), damaged: [], missing: [] }
  const limit = pLimit(atOnce)
  const running = new Set<Promise<void>>()
  for await (const digest of digests) {
    const work = limit(() => copyBlob(from, to, digest, result)).finally(() => running.delete(work))
    running.add(work)
    if (running.size >= atOnce * 4) await Promise.race(running)
  }
  await Promise.all(running)
  return result
}

async function copyBlob(from: BlobStore, to: BlobStore, digest: Digest, result: CopyResult): Promise<void> {
  const source = await from.stat(digest)
  const target = await to.stat(digest)
  if (target !== undefined && (source === undefined || source.size === target.size)) {
    result.present.set(digest, target.size)
    return
  }
  // Looked for once more where it was: it may just have come back from the trash.
  const opened = (await from.open(digest)) ?? (await from.trash.open(digest)) ?? (await from.open(digest))
  if (opened === undefined) {
    result.missing.push(digest)
    return
  }
  try {
    const { size } = await to.put(digest, opened.stream)
    result.copied++
    result.copiedBytes += size
    result.present.set(digest, size)
  } catch (error) {
    if (!(error instanceof DigestMismatchError)) throw error
    result.damaged.push(digest)
  }
}
