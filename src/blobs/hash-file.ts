import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import type { Digest, DigestAlgorithm } from '../oci/digest.ts'

const readBytes = 1 << 20

/** The digest of the first `size` bytes of a file: for what was received by another process or hashed otherwise. */
export async function hashFile(path: string, size: number, algorithm: DigestAlgorithm): Promise<Digest> {
  const hash = createHash(algorithm)
  if (size > 0) {
    const stream = createReadStream(path, { end: size - 1, highWaterMark: readBytes })
    for await (const chunk of stream) hash.update(chunk as Uint8Array)
  }
  return `${algorithm}:${hash.digest('hex')}` as Digest
}
