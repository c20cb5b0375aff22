import { type Digest, parseDigest } from '../oci/index.ts'
import type { BlobAccess } from './blob-access.ts'
import type { BlobKnowledge } from './blob-knowledge.ts'
import type { Call } from './call.ts'
import { parseRepository, type Repository } from './repository.ts'
import type { RepositoryRecords } from './repository-records.ts'
import type { StreamReader } from './stream-reader.ts'

export interface MountOptions {
  access: BlobAccess
  records: Pick<RepositoryRecords, 'holders' | 'linkBlob'>
  knowledge: BlobKnowledge
  reader: StreamReader
  /** May the caller pull this repository? */
  mayPull(call: Call, repository: Repository): Promise<boolean>
  /** Whether a blob of that size may be kept in the namespace (B-71). */
  admits(namespace: string, size: number): Promise<boolean>
}

/** How many repositories are tried when the client names none. */
const maxCandidates = 16

/** The digest that was linked here, or undefined for every reason there is not to: the client then uploads. */
export type MountBlob = (call: Call, digest: string, from: string | null) => Promise<Digest | undefined>

export function createMountBlob(options: MountOptions): MountBlob {
  const { access, records, knowledge, reader, mayPull, admits } = options

  async function candidates(digest: Digest): Promise<Repository[]> {
    const names = new Set([
      ...knowledge.repositoriesOf(digest),
      ...(await records.holders(digest, maxCandidates)),
    ])
    return [...names]
      .slice(0, maxCandidates)
      .map(parseRepository)
      .filter((repository) => repository !== undefined)
  }

  /** The right to pull is asked for first: who lacks it learns nothing, not even from the time it takes. */
  async function canMount(call: Call, source: Repository, digest: Digest): Promise<number | undefined> {
    if (!(await mayPull(call, source))) return undefined
    return access.locate(source, digest, () => reader.stream(source.namespace, source.stream))
  }

  return async (call, text, from) => {
    const digest = parseDigest(text)
    if (digest === undefined) return undefined
    const link = async (size: number): Promise<Digest> => {
      await records.linkBlob(call.repository.name, digest, { size })
      knowledge.remember(call.repository.name, digest, { size, isLasting: true })
      return digest
    }
    const here = await access.locate(call.repository, digest, call.stream)
    if (here !== undefined) return link(here)
    const named = from === null ? undefined : parseRepository(from)
    const sources = from === null ? await candidates(digest) : named === undefined ? [] : [named]
    for (const source of sources) {
      const size = await canMount(call, source, digest)
      if (size === undefined) continue
      // Uploaded it will be refused, with a reason.
      return (await admits(call.repository.namespace, size)) ? link(size) : undefined
    }
    return undefined
  }
}
