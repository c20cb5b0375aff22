import { type Digest, parseDigest, parseManifest } from '../oci/index.ts'
import { acceptsManifest, planMismatch } from './accept.ts'
import { ageHeader } from './age.ts'
import type { Answer } from './answer.ts'
import type { BlobKnowledge } from './blob-knowledge.ts'
import { absoluteUrl, type Call } from './call.ts'
import { type RegistryError, registryError } from './errors.ts'
import type { ManifestSource, ReadyManifest } from './manifest-source.ts'
import { digestOfBytes } from './manifest-source.ts'
import type { ManifestVisibility } from './manifest-visibility.ts'
import type { PullThrough } from './pull-through.ts'
import { matchesEtag } from './range.ts'
import type { RepositoryRecords } from './repository-records.ts'
import { blobsOf } from './stream-reach.ts'
import type { ImageView, StreamReader } from './stream-reader.ts'

export interface ManifestReadsOptions {
  manifests: ManifestSource
  visibility: ManifestVisibility
  reader: StreamReader
  knowledge: BlobKnowledge
  pullThrough: PullThrough | undefined
  records: Pick<RepositoryRecords, 'manifest'>
  clock(): Date
}

/** end-3. */
export type GetManifest = (call: Call, reference: string) => Promise<Answer>

/** What a reference came to. */
interface Resolved {
  digest: Digest
  tag?: string
  mediaType: string
  image?: ImageView
  /** When it was pulled through, in milliseconds since 1970. */
  pulledAt?: number
}

function unknownTag(tag: string): RegistryError {
  return registryError('MANIFEST_UNKNOWN', { detail: { Tag: tag } })
}

export function unknownManifest(call: Call, digest: Digest): RegistryError {
  return registryError('MANIFEST_UNKNOWN', { detail: { Name: call.repository.name, Revision: digest } })
}

export function createGetManifest(options: ManifestReadsOptions): GetManifest {
  const { manifests, visibility, reader, knowledge, pullThrough, records, clock } = options

  /** B-30. Anything that is no digest is taken for a tag. */
  async function resolveTag(call: Call, tag: string): Promise<Resolved> {
    const stream = await call.stream()
    if (stream === undefined) throw registryError('NAME_UNKNOWN')
    const digest = parseDigest(stream.tags.get(tag)?.[0]?.image ?? '')
    const image = digest === undefined ? undefined : await reader.image(digest)
    if (digest === undefined || image === undefined) throw unknownTag(tag)
    const pulledAt = image.isManaged
      ? undefined
      : (await records.manifest(call.repository.name, digest))?.pulledAt
    return { digest, tag, mediaType: image.mediaType, image, ...(pulledAt === undefined ? {} : { pulledAt }) }
  }

  async function resolve(call: Call, reference: string): Promise<Resolved> {
    const digest = parseDigest(reference)
    if (digest === undefined) return resolveTag(call, reference)
    const found = await visibility.find(call.repository.name, digest, call.stream)
    if (found === undefined) throw unknownManifest(call, digest)
    return { digest, ...found }
  }

  /** B-33: from storage, else from where it was imported, else what an old Image has of it. */
  async function bytesOf(call: Call, resolved: Resolved): Promise<ReadyManifest> {
    const { digest, mediaType } = resolved
    const ready = manifests.cached(digest) ?? (await manifests.load(digest, mediaType))
    if (ready !== undefined) return ready
    const inline = inlineManifest(resolved)
    let failure: unknown = unknownManifest(call, digest)
    try {
      const pulled = await pull(call, resolved)
      if (pulled !== undefined) return pulled
    } catch (error) {
      failure = error
    }
    if (inline === undefined) throw failure
    return manifests.keep(digest, inline, mediaType)
  }

  async function pull(call: Call, { digest, tag }: Resolved): Promise<ReadyManifest | undefined> {
    const stream = pullThrough === undefined ? undefined : await call.stream()
    if (pullThrough === undefined || stream === undefined) return undefined
    const pulled = await pullThrough.manifest({
      stream,
      digest,
      ...(tag === undefined ? {} : { tag }),
      headers: call.request.headers,
      url: absoluteUrl(call),
      signal: call.signal,
    })
    if (pulled === undefined || digestOfBytes(digest, pulled.bytes) !== digest) return undefined
    return manifests.keep(digest, pulled.bytes, pulled.mediaType)
  }

  /** */
  async function negotiate(call: Call, resolved: Resolved, ready: ReadyManifest): Promise<ReadyManifest> {
    const accept = call.request.headers.accept
    if (acceptsManifest(accept, ready.mediaType)) return ready
    switch (planMismatch(ready.mediaType, resolved.tag !== undefined)) {
      case 'refuse-image':
        throw registryError('MANIFEST_UNKNOWN', {
          message: 'OCI manifest found, but accept header does not support OCI manifests',
        })
      case 'refuse-index':
        throw registryError('MANIFEST_UNKNOWN', {
          message: 'OCI index found, but accept header does not support OCI indexes',
        })
      case 'serve':
        return ready
      case 'serve-child':
        return childFor(call, resolved, ready)
    }
  }

  async function childFor(call: Call, { tag = '' }: Resolved, list: ReadyManifest): Promise<ReadyManifest> {
    const parsed = parseManifest(list.bytes.toString('utf8'), list.mediaType)
    const children = parsed.ok && parsed.manifest.kind === 'index' ? parsed.manifest.manifests : []
    const child = children.find(
      ({ platform }) => platform?.os === 'linux' && platform.architecture === 'amd64',
    )
    if (child === undefined) throw unknownTag(tag)
    const image = await reader.image(child.digest)
    return bytesOf(call, {
      digest: child.digest,
      mediaType: child.mediaType,
      ...(image === undefined ? {} : { image }),
    })
  }

  /** B-42: whoever got the manifest asks for its blobs next. */
  function rememberBlobs(call: Call, image: ImageView | undefined): void {
    if (image === undefined || !image.isManaged) return
    const { name } = call.repository
    const [first] = image.layers
    if (first !== undefined && knowledge.sizeIn(name, first.digest) !== undefined) return
    for (const digest of blobsOf(image)) knowledge.remember(name, digest, { isLasting: false })
  }

  return async (call, reference) => {
    const resolved = await resolve(call, reference)
    const ready = await negotiate(call, resolved, await bytesOf(call, resolved))
    const { digest, headers, bytes } = ready
    rememberBlobs(call, resolved.image)
    if (matchesEtag(call.request.headers['if-none-match'], digest)) {
      return { status: 304, headers: { 'Docker-Content-Digest': digest, ETag: `"${digest}"` } }
    }
    const age = ageHeader(resolved.pulledAt, clock())
    return { status: 200, headers: { ...headers, ...age }, body: bytes }
  }
}

/** B-34: the text that an Image from long ago carries, when it is what the digest says. */
function inlineManifest({ digest, image }: Resolved): Buffer | undefined {
  if (image === undefined || image.inlineManifest === '') return undefined
  const bytes = Buffer.from(image.inlineManifest)
  return digestOfBytes(digest, bytes) === digest ? bytes : undefined
}
