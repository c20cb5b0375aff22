import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { BlobStore } from '../blobs/index.ts'
import { type Digest, digestAlgorithm, manifestMediaType } from '../oci/index.ts'

/** A manifest ready to be sent. */
export interface ReadyManifest {
  digest: Digest
  bytes: Buffer
  mediaType: string
  /** */
  headers: Readonly<Record<string, string>>
}

/** Largest manifest that is accepted or served, in bytes. */
export const maxManifestBytes = 4 << 20

export interface ManifestSource {
  cached(digest: Digest): ReadyManifest | undefined
  /** From storage; `mediaType` as far as records tell, '' when they don't. */
  load(digest: Digest, mediaType: string): Promise<ReadyManifest | undefined>
  /** Makes bytes that are known to have the digest ready, and keeps them so. */
  keep(digest: Digest, bytes: Uint8Array, mediaType: string): ReadyManifest
  forget(digest: Digest): void
}

export function digestOfBytes(digest: Digest, bytes: Uint8Array): string {
  const algorithm = digestAlgorithm(digest)
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`
}

function inferMediaType(bytes: Buffer): string {
  try {
    return manifestMediaType(undefined, JSON.parse(bytes.toString('utf8'))) ?? ''
  } catch {
    return ''
  }
}

function toReady(digest: Digest, bytes: Uint8Array, known: string): ReadyManifest {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const mediaType = known === '' ? inferMediaType(buffer) : known
  const headers = {
    'Content-Type': mediaType,
    'Content-Length': String(buffer.length),
    'Docker-Content-Digest': digest,
    ETag: `"${digest}"`,
  }
  return { digest, bytes: buffer, mediaType, headers }
}

/** Manifests by digest, those in use kept in memory with their headers. Who may see which is decided elsewhere. */
export function createManifestSource(
  blobs: Pick<BlobStore, 'read'>,
  maxBytes: number,
  /** Told of every manifest that is asked for. */
  onUse: (digest: Digest) => void = () => undefined,
): ManifestSource {
  const cache = new LRUCache<Digest, ReadyManifest>({
    maxSize: Math.max(1, maxBytes),
    sizeCalculation: ({ bytes }) => bytes.length + 512,
  })
  const keep = (digest: Digest, bytes: Uint8Array, mediaType: string): ReadyManifest => {
    const ready = toReady(digest, bytes, mediaType)
    cache.set(digest, ready)
    return ready
  }
  return {
    cached(digest) {
      onUse(digest)
      return cache.get(digest)
    },
    async load(digest, mediaType) {
      onUse(digest)
      const bytes = await blobs.read(digest, maxManifestBytes)
      return bytes === undefined ? undefined : keep(digest, bytes, mediaType)
    },
    keep,
    forget: (digest) => void cache.delete(digest),
  }
}
