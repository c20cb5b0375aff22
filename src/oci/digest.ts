/** OCI image-spec, "Descriptors": digests. Only registered algorithms are accepted (registry.md A-3). */

export type Digest = string & { readonly brand: 'Digest' }
export type DigestAlgorithm = 'sha256' | 'sha512'

const hexLengths: Record<DigestAlgorithm, number> = { sha256: 64, sha512: 128 }
const shape = /^(sha256|sha512):([0-9a-f]+)$/

/** undefined for a wrong length, upper-case hex or an unknown algorithm. */
export function parseDigest(text: string): Digest | undefined {
  const match = shape.exec(text)
  if (match === null) return undefined
  return match[2]?.length === hexLengths[match[1] as DigestAlgorithm] ? (text as Digest) : undefined
}

export function digestAlgorithm(digest: Digest): DigestAlgorithm {
  return digest.slice(0, digest.indexOf(':')) as DigestAlgorithm
}

export function digestHex(digest: Digest): string {
  return digest.slice(digest.indexOf(':') + 1)
}
