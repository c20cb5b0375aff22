import { join } from 'node:path'
import type { Digest, DigestAlgorithm } from '../oci/digest.ts'
import { digestAlgorithm, digestHex, parseDigest } from '../oci/digest.ts'

/**
 * Where things lie under the folder of the file engine. Blobs as docker distribution has them (registry.md §21), so that
 * a tool that reads its `blobs/` reads ours. No text from outside becomes part of a path before its shape was checked.
 */

export const algorithms: readonly DigestAlgorithm[] = ['sha256', 'sha512']

export interface BlobPaths {
  root: string
  /** `blobs/<algorithm>`. */
  algorithm(algorithm: DigestAlgorithm): string
  /** `blobs/<algorithm>/<first 2 hex>/<hex>`. */
  folder(digest: Digest): string
  /** `…/data` in it. */
  data(digest: Digest): string
  /** `uploads`: a file for each session, whose name says what is known of it. */
  uploads: string
  /** `tmp`, for what no session owns. */
  temporary: string
  /** `trash`. */
  trash: string
  /** `trash/<algorithm>/<first 2 hex>/<hex>`, a file. */
  discarded(digest: Digest): string
}

export function createBlobPaths(root: string): BlobPaths {
  const algorithm = (name: DigestAlgorithm): string => join(root, 'blobs', name)
  const place = (text: Digest): string => {
    const digest = parseDigest(text)
    if (digest === undefined) throw new RangeError('not a digest')
    const hex = digestHex(digest)
    return join(digestAlgorithm(digest), hex.slice(0, 2), hex)
  }
  const folder = (digest: Digest): string => join(root, 'blobs', place(digest))
  const uploads = join(root, 'uploads')
  const trash = join(root, 'trash')
  return {
    root,
    algorithm,
    folder,
    data: (digest) => join(folder(digest), 'data'),
    uploads,
    temporary: join(root, 'tmp'),
    trash,
    discarded: (digest) => join(trash, place(digest)),
  }
}
