import type { BlobStore } from '../blobs/index.ts'
import type { Digest } from '../oci/index.ts'
import { type BlobKnowledge, unknownSize } from './blob-knowledge.ts'
import type { Repository } from './repository.ts'
import type { BlobLink, RepositoryRecords } from './repository-records.ts'
import type { StreamReach } from './stream-reach.ts'
import type { StreamView } from './stream-reader.ts'

/**
 * May this repository serve this blob from what is stored here (registry.md B-40)? That the bytes exist is never reason
 * enough, and nothing touches them before another reason was found, so that no timing tells of them either.
 */
export interface BlobAccess {
  /** Size in bytes; undefined when the repository has no such blob here. */
  locate(
    repository: Repository,
    digest: Digest,
    stream: () => Promise<StreamView | undefined>,
  ): Promise<number | undefined>
  /** Whether the stream's history has it, whatever links there are (B-40c). */
  isVouchedFor(digest: Digest, stream: StreamView): Promise<boolean>
}

export interface BlobAccessOptions {
  blobs: Pick<BlobStore, 'stat'>
  records: Pick<RepositoryRecords, 'blobLink' | 'holders' | 'manifest'>
  knowledge: BlobKnowledge
  reach: StreamReach
  /** Everybody has the empty layers (strict parity only, §0). */
  hasPublicBlobs: boolean
}

/** Repositories that are asked whether they hold image and blob; a blob in more of them is anybody's base layer. */
const mostHolders = 1000

const publicBlobs: ReadonlySet<string> = new Set([
  'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  'sha256:a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4',
])

export function createBlobAccess({
  blobs,
  records,
  knowledge,
  reach,
  hasPublicBlobs,
}: BlobAccessOptions): BlobAccess {
  type Reason = 'public' | 'known' | 'stream' | BlobLink

  async function reasonFor(
    { name }: Repository,
    digest: Digest,
    stream: () => Promise<StreamView | undefined>,
  ): Promise<Reason | undefined> {
    if (knowledge.sizeIn(name, digest) === unknownSize) return 'known'
    const link = await records.blobLink(name, digest)
    if (link !== undefined) return link
    if (hasPublicBlobs && publicBlobs.has(digest)) return 'public'
    const view = await stream()
    return view !== undefined && (await isOfStream(view, digest)) ? 'stream' : undefined
  }

  /**
   * What an Image says of itself is no proof: whoever runs a registry can have one imported that lists blobs of others. It
   * counts once some repository holds image and blob together, for there the bytes were shown when the image came.
   */
  async function isOfStream(view: StreamView, digest: Digest): Promise<boolean> {
    if (await reach.hasManifest(view, digest)) return true
    const images = await reach.imagesWith(view, digest)
    if (images.length === 0) return false
    for (const holder of await records.holders(digest, mostHolders)) {
      for (const image of images) if ((await records.manifest(holder, image)) !== undefined) return true
    }
    return false
  }

  /** The repository that links the blob is asked first: most often it holds the image too. */
  async function isOwn(view: StreamView, digest: Digest): Promise<boolean> {
    const repository = `${view.namespace}/${view.name}`
    if ((await records.blobLink(repository, digest)) === undefined) return false
    for (const image of await reach.imagesWith(view, digest)) {
      if ((await records.manifest(repository, image)) !== undefined) return true
    }
    return false
  }

  return {
    isVouchedFor: async (digest, stream) => (await isOwn(stream, digest)) || isOfStream(stream, digest),

    async locate(repository, digest, stream) {
      const known = knowledge.sizeIn(repository.name, digest)
      if (known !== undefined && known !== unknownSize) return known
      const reason = await reasonFor(repository, digest, stream)
      if (reason === undefined) return undefined
      const found = await blobs.stat(digest)
      if (found === undefined) {
        knowledge.forgetDigest(digest)
        return undefined
      }
      if (reason !== 'public') {
        const link = typeof reason === 'object' ? reason : undefined
        knowledge.remember(repository.name, digest, {
          ...link,
          size: found.size,
          isLasting: link !== undefined,
        })
      }
      return found.size
    },
  }
}
