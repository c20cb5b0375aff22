import { LRUCache } from 'lru-cache'
import type { Digest } from '../oci/index.ts'

/**
 * Which repositories are known to have which blob (registry.md B-42): in memory, positive only, so that a pull asks
 * neither store nor disk. Knowledge from a link lasts until it is taken back, knowledge from a stream for a while.
 */
export interface BlobKnowledge {
  /** undefined when nothing is known, -1 when the repository has it and its size is not known. */
  sizeIn(repository: string, digest: Digest): number | undefined
  remember(repository: string, digest: Digest, options: Learnt): void
  /** When the repository's copy was pulled through, in milliseconds since 1970; undefined when it was pushed, or that is not known. */
  pulledAt(repository: string, digest: Digest): number | undefined
  forget(repository: string, digest: Digest): void
  forgetDigest(digest: Digest): void
  /** Repositories that have the digest, newest knowledge first. */
  repositoriesOf(digest: Digest): string[]
}

export interface Learnt {
  size?: number
  isLasting: boolean
  pulledAt?: number
}

export const unknownSize = -1

export interface BlobKnowledgeOptions {
  /** Milliseconds that knowledge from a stream lasts. */
  ttl: number
  clock: () => Date
  /** Told of every question, and whether memory had the answer. */
  onRequest?(isHit: boolean): void
  /** Told of every digest of which memory knew something. */
  onUse?(digest: Digest): void
  maxDigests?: number
  maxRepositories?: number
}

interface Known {
  size: number
  repositories: Map<string, { until: number; pulledAt: number | undefined }>
}

export function createBlobKnowledge({
  ttl,
  clock,
  onRequest = () => undefined,
  onUse = () => undefined,
  maxDigests = 24_576,
  maxRepositories = 2048,
}: BlobKnowledgeOptions): BlobKnowledge {
  const cache = new LRUCache<Digest, Known>({ max: maxDigests })

  function remember(
    repository: string,
    digest: Digest,
    { size = unknownSize, isLasting, pulledAt }: Learnt,
  ): void {
    if (!isLasting && ttl <= 0) return
    const known = cache.get(digest) ?? { size, repositories: new Map() }
    if (size !== unknownSize) known.size = size
    const until = isLasting ? Number.POSITIVE_INFINITY : clock().getTime() + ttl
    const before = known.repositories.get(repository)
    known.repositories.delete(repository)
    known.repositories.set(repository, {
      until: Math.max(until, before?.until ?? 0),
      pulledAt: pulledAt ?? before?.pulledAt,
    })
    const oldest = known.repositories.keys().next()
    if (known.repositories.size > maxRepositories && oldest.done !== true) {
      known.repositories.delete(oldest.value)
    }
    cache.set(digest, known)
  }

  function sizeIn(repository: string, digest: Digest): number | undefined {
    const known = cache.get(digest)
    const held = known?.repositories.get(repository)
    if (known === undefined || held === undefined) return undefined
    if (held.until === Number.POSITIVE_INFINITY || held.until > clock().getTime()) return known.size
    known.repositories.delete(repository)
    return undefined
  }

  return {
    sizeIn(repository, digest) {
      const size = sizeIn(repository, digest)
      onRequest(size !== undefined)
      if (size !== undefined) onUse(digest)
      return size
    },
    remember,
    pulledAt: (repository, digest) => cache.get(digest)?.repositories.get(repository)?.pulledAt,
    forget: (repository, digest) => void cache.get(digest)?.repositories.delete(repository),
    forgetDigest: (digest) => void cache.delete(digest),
    repositoriesOf(digest) {
      const now = clock().getTime()
      const known = [...(cache.get(digest)?.repositories ?? [])].reverse()
      return known.filter(([, { until }]) => until > now).map(([repository]) => repository)
    },
  }
}
