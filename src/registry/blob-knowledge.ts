import { LRUCache } from 'lru-cache'
import type { Digest } from '../oci/index.ts'

/**
 * Which repositories are known to have which blob (registry.md B-42): in memory, positive only, so that a pull asks
 * neither store nor disk. Knowledge from a link lasts until it is taken back, knowledge from a stream for a while.
 */
export interface BlobKnowledge {
  /** undefined when nothing is known, -1 when the repository has it and its size is not known. */
  sizeIn(repository: string, digest: Digest): number | undefined
  remember(repository: string, digest: Digest, options: { size?: number; isLasting: boolean }): void
  forget(repository: string, digest: Digest): void
  forgetDigest(digest: Digest): void
  /** Repositories that have the digest, newest knowledge first. */
  repositoriesOf(digest: Digest): string[]
}

export const unknownSize = -1

export interface BlobKnowledgeOptions {
  /** Milliseconds that knowledge from a stream lasts. */
  ttl: number
  clock: () => Date
  maxDigests?: number
  maxRepositories?: number
}

interface Known {
  size: number
  /** Time in milliseconds until which each repository is known to have it. */
  repositories: Map<string, number>
}

export function createBlobKnowledge({
  ttl,
  clock,
  maxDigests = 24_576,
  maxRepositories = 2048,
}: BlobKnowledgeOptions): BlobKnowledge {
  const cache = new LRUCache<Digest, Known>({ max: maxDigests })

  function remember(
    repository: string,
    digest: Digest,
    { size = unknownSize, isLasting }: { size?: number; isLasting: boolean },
  ): void {
    if (!isLasting && ttl <= 0) return
    const known = cache.get(digest) ?? { size, repositories: new Map<string, number>() }
    if (size !== unknownSize) known.size = size
    const until = isLasting ? Number.POSITIVE_INFINITY : clock().getTime() + ttl
    const before = known.repositories.get(repository) ?? 0
    known.repositories.delete(repository)
    known.repositories.set(repository, Math.max(until, before))
    const oldest = known.repositories.keys().next()
    if (known.repositories.size > maxRepositories && oldest.done !== true) {
      known.repositories.delete(oldest.value)
    }
    cache.set(digest, known)
  }

  function sizeIn(repository: string, digest: Digest): number | undefined {
    const known = cache.get(digest)
    const until = known?.repositories.get(repository)
    if (known === undefined || until === undefined) return undefined
    if (until > clock().getTime()) return known.size
    known.repositories.delete(repository)
    return undefined
  }

  return {
    sizeIn,
    remember,
    forget: (repository, digest) => void cache.get(digest)?.repositories.delete(repository),
    forgetDigest: (digest) => void cache.delete(digest),
    repositoriesOf(digest) {
      const now = clock().getTime()
      const known = [...(cache.get(digest)?.repositories ?? [])].reverse()
      return known.filter(([, until]) => until > now).map(([repository]) => repository)
    },
  }
}
