import {
  type Descriptor,
  type Digest,
  digestAlgorithm,
  digestHex,
  ociIndex,
  parseDigest,
  parseManifest,
} from '../oci/index.ts'
import { type Answer, jsonAnswer } from './answer.ts'
import type { Call } from './call.ts'
import { registryError } from './errors.ts'
import type { ManifestSource } from './manifest-source.ts'
import { nextLink, parsePage } from './pagination.ts'
import type { RepositoryRecords } from './repository-records.ts'
import type { StreamReader } from './stream-reader.ts'

export interface ListReferrersOptions {
  records: Pick<RepositoryRecords, 'referrers'>
  reader: StreamReader
  manifests: ManifestSource
}

/** end-12. */
export type ListReferrers = (call: Call, digest: string) => Promise<Answer>

/** A page must stay below 4 MiB, its frame included. */
const maxPageBytes = (4 << 20) - 4096

/** The tag under which clients without the API keep the list. */
export function fallbackTag(digest: Digest): string {
  return `${digestAlgorithm(digest)}-${digestHex(digest).slice(0, 64)}`
}

const byDigest = (a: Descriptor, b: Descriptor): number => (a.digest < b.digest ? -1 : 1)

/** As many as fit; at least one, so that a client gets on. */
export function takePage(
  all: readonly Descriptor[],
  n: number | undefined,
): { page: Descriptor[]; isMore: boolean } {
  const page: Descriptor[] = []
  let bytes = 0
  for (const descriptor of all) {
    bytes += Buffer.byteLength(JSON.stringify(descriptor)) + 1
    if (page.length === n || (page.length > 0 && bytes > maxPageBytes)) return { page, isMore: n !== 0 }
    page.push(descriptor)
  }
  return { page, isMore: false }
}

export function createListReferrers({ records, reader, manifests }: ListReferrersOptions): ListReferrers {
  async function fromFallbackTag(call: Call, subject: Digest): Promise<Descriptor[]> {
    const stream = await call.stream()
    const digest = parseDigest(stream?.tags.get(fallbackTag(subject))?.[0]?.image ?? '')
    if (digest === undefined) return []
    const mediaType = (await reader.image(digest))?.mediaType ?? ''
    const ready = manifests.cached(digest) ?? (await manifests.load(digest, mediaType))
    if (ready === undefined) return []
    const parsed = parseManifest(ready.bytes.toString('utf8'), ready.mediaType)
    return parsed.ok && parsed.manifest.kind === 'index' ? parsed.manifest.manifests : []
  }

  return async (call, text) => {
    const subject = parseDigest(text)
    if (subject === undefined) throw registryError('DIGEST_INVALID', { detail: {} })
    const { n, last } = parsePage(call.query)
    const wanted = call.query.getAll('artifactType').filter((type) => type !== '')
    const found = new Map<Digest, Descriptor>()
    for (const descriptor of await fromFallbackTag(call, subject)) found.set(descriptor.digest, descriptor)
    for (const descriptor of await records.referrers(call.repository.name, subject)) {
      found.set(descriptor.digest, descriptor)
    }
    const matching = [...found.values()]
      .filter(({ artifactType = '' }) => wanted.length === 0 || wanted.includes(artifactType))
      .filter(({ digest }) => digest > last)
      .sort(byDigest)
    const { page, isMore } = takePage(matching, n)
    const parameters: (readonly [string, string])[] = [
      ...wanted.map((type) => ['artifactType', type] as const),
      ['last', page.at(-1)?.digest ?? ''],
      ...(n === undefined ? [] : [['n', String(n)] as const]),
    ]
    const headers: Record<string, string> = {
      ...(wanted.length === 0 ? {} : { 'OCI-Filters-Applied': 'artifactType' }),
      ...(isMore ? { Link: nextLink(`/v2/${call.repository.name}/referrers/${subject}`, parameters) } : {}),
    }
    return jsonAnswer(200, { schemaVersion: 2, mediaType: ociIndex, manifests: page }, headers, ociIndex)
  }
}
