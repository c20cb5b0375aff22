import type { Subject } from '../access/access.ts'
import { isApiError } from '../machinery/errors.ts'
import { type Digest, parseDigest } from '../oci/index.ts'
import type { Answer } from './answer.ts'
import { emptyAnswer } from './answer.ts'
import type { BlobKnowledge } from './blob-knowledge.ts'
import type { Call } from './call.ts'
import { registryError } from './errors.ts'
import type { ImageWrites } from './image-writes.ts'
import { unknownManifest } from './manifest-reads.ts'
import type { RepositoryRecords } from './repository-records.ts'
import type { StreamReach } from './stream-reach.ts'
import { isInHistory } from './stream-reach.ts'
import type { StreamView } from './stream-reader.ts'

export interface DeleteManifestOptions {
  records: Pick<RepositoryRecords, 'manifest' | 'deleteManifest'>
  reach: StreamReach
  writes: ImageWrites
  knowledge: BlobKnowledge
  deleteEnabled: boolean
  /** Whether the stream has the last word about what a repository shows (§0). */
  isStreamBound: boolean
}

/** end-9. */
export type DeleteManifest = (call: Call, reference: string) => Promise<Answer>

/**
 * A pruner's way of asking: it takes a link that no stream needs any more, never a tag, whoever made one in the meantime
 * (pruning.md P-63).
 */
export const onlyLinkHeader = 'weir-only-link'

/** Tags that stand for the digest now. */
function tagsOf(stream: StreamView, digest: Digest): string[] {
  return [...stream.tags].filter(([, items]) => items[0]?.image === digest).map(([tag]) => tag)
}

export function createDeleteManifest(options: DeleteManifestOptions): DeleteManifest {
  const { records, reach, writes, knowledge, deleteEnabled, isStreamBound } = options

  async function deleteTag({ repository, subject }: Call, tag: string): Promise<Answer> {
    const wasThere = await writes.deleteTag(repository.namespace, repository.stream, tag, subject)
    if (!wasThere) throw registryError('MANIFEST_UNKNOWN', { detail: { Tag: tag } })
    return emptyAnswer(202)
  }

  /** Drops the tags, then what is left of it in other tags' histories; afterwards the stream does not know it. */
  async function removeFromStream(stream: StreamView, digest: Digest, by: Subject): Promise<void> {
    const tags = tagsOf(stream, digest)
    for (const tag of tags) await writes.deleteTag(stream.namespace, stream.name, tag, by)
    const isElsewhere = [...stream.tags].some(
      ([tag, items]) => !tags.includes(tag) && items.some(({ image }) => image === digest),
    )
    if (isElsewhere) await writes.forgetImage(stream.namespace, stream.name, digest, by)
  }

  /** B-100 and §0. What an index of the stream lists cannot go before the index: it would stay readable. */
  async function deleteDigest(call: Call, digest: Digest): Promise<Answer> {
    const stream = await call.stream()
    const isLinked = (await records.manifest(call.repository.name, digest)) !== undefined
    const inStream = stream !== undefined && (await reach.hasManifest(stream, digest))
    const keepsTags = isStreamBound || call.request.headers[onlyLinkHeader] !== undefined
    if (inStream && (keepsTags || !isInHistory(stream, digest))) throw registryError('UNSUPPORTED')
    if (!isLinked && !inStream) throw unknownManifest(call, digest)
    if (inStream) await removeFromStream(stream, digest, call.subject)
    await records.deleteManifest(call.repository.name, digest)
    knowledge.forget(call.repository.name, digest)
    return emptyAnswer(202)
  }

  return async (call, reference) => {
    if (!deleteEnabled) throw registryError('UNSUPPORTED')
    const digest = parseDigest(reference)
    if (digest === undefined && reference.includes(':')) throw registryError('DIGEST_INVALID', { detail: {} })
    try {
      return await (digest === undefined ? deleteTag(call, reference) : deleteDigest(call, digest))
    } catch (error) {
      if (isApiError(error, 'Forbidden')) throw registryError('DENIED', { cause: error })
      throw error
    }
  }
}
