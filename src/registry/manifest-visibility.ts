import type { Digest } from '../oci/index.ts'
import type { RepositoryRecords } from './repository-records.ts'
import type { StreamReach } from './stream-reach.ts'
import type { ImageView, StreamReader, StreamView } from './stream-reader.ts'

/** Whether a repository shows a manifest when it is asked for by digest (registry.md §0, B-31, §7.4). */
export interface ManifestVisibility {
  /** What is known of the manifest; undefined when the repository does not show it. */
  find(
    repository: string,
    digest: Digest,
    stream: () => Promise<StreamView | undefined>,
  ): Promise<VisibleManifest | undefined>
}

export interface VisibleManifest {
  /** '' when unknown. */
  mediaType: string
  /** Absent for what was only put here and never became, or is no longer, an Image. */
  image?: ImageView
  /** When it was pulled through, in milliseconds since 1970. */
  pulledAt?: number
}

export interface ManifestVisibilityOptions {
  records: Pick<RepositoryRecords, 'manifest'>
  reach: StreamReach
  reader: Pick<StreamReader, 'image'>
  showsLinked: boolean
}

/** Chains of subjects longer than this are nobody's. */
const maxSubjects = 16

export function createManifestVisibility({
  records,
  reach,
  reader,
  showsLinked,
}: ManifestVisibilityOptions): ManifestVisibility {
  /** §7.4: a referrer belongs to the stream that its subject, or its subject's subject, belongs to. */
  async function refersInto(repository: string, stream: StreamView, digest: Digest): Promise<boolean> {
    let next = (await records.manifest(repository, digest))?.subject
    for (let depth = 0; next !== undefined && depth < maxSubjects; depth++) {
      if (await reach.hasManifest(stream, next)) return true
      next = (await records.manifest(repository, next))?.subject
    }
    return false
  }

  return {
    async find(repository, digest, getStream) {
      if (showsLinked) {
        const record = await records.manifest(repository, digest)
        if (record !== undefined) {
          const { mediaType, pulledAt } = record
          return { mediaType, ...(pulledAt === undefined ? {} : { pulledAt }) }
        }
      }
      const stream = await getStream()
      if (stream === undefined) return undefined
      const belongs =
        (await reach.hasManifest(stream, digest)) || (await refersInto(repository, stream, digest))
      if (!belongs) return undefined
      const image = await reader.image(digest)
      return image === undefined ? undefined : { mediaType: image.mediaType, image }
    },
  }
}
