import { createHash } from 'node:crypto'
import type { BlobStore } from '../blobs/index.ts'
import type { PushedManifest } from '../image/index.ts'
import {
  type Descriptor,
  type Digest,
  digestAlgorithm,
  effectiveArtifactType,
  type Manifest,
  parseDigest,
  parseTagName,
} from '../oci/index.ts'
import type { Answer } from './answer.ts'
import { emptyAnswer } from './answer.ts'
import type { BlobAccess } from './blob-access.ts'
import { absoluteUrl, type Call } from './call.ts'
import { describeIndex } from './describe-index.ts'
import { errorItem, RegistryError, registryError } from './errors.ts'
import type { ImageWrites } from './image-writes.ts'
import { checkReferences } from './manifest-references.ts'
import { type ManifestSource, maxManifestBytes } from './manifest-source.ts'
import type { ManifestVisibility } from './manifest-visibility.ts'
import type { PullThrough } from './pull-through.ts'
import { isMissingStream, toPushFailure } from './push-failure.ts'
import { readManifest, readManifestBody } from './read-manifest.ts'
import type { RepositoryRecords } from './repository-records.ts'
import type { StreamReader } from './stream-reader.ts'

export interface PushManifestOptions {
  blobs: Pick<BlobStore, 'put' | 'read'>
  access: BlobAccess
  records: Pick<RepositoryRecords, 'putManifest' | 'manifest'>
  manifests: ManifestSource
  reader: Pick<StreamReader, 'image'>
  visibility: ManifestVisibility
  writes: ImageWrites
  pullThrough: PullThrough | undefined
  /** `host[:port]` of this registry. */
  serverAddress: string
  acceptSchema2: boolean
}

/** end-7a and 7b. */
export type PushManifest = (call: Call, reference: string) => Promise<Answer>

interface Target {
  /** Given in the URL. */
  digest: Digest | undefined
  tags: string[]
}

/** Tags that one digest push may name (end-7b). */
const maxTags = 100

function parseTarget(call: Call, reference: string): Target {
  const digest = parseDigest(reference)
  if (digest === undefined) {
    if (reference.includes(':')) throw registryError('DIGEST_INVALID', { detail: {} })
    if (parseTagName(reference) === undefined)
      throw registryError('TAG_INVALID', { detail: { Tag: reference } })
    return { digest: undefined, tags: [reference] }
  }
  const tags = [...new Set(call.query.getAll('tag'))]
  const wrong = tags.find((tag) => parseTagName(tag) === undefined)
  if (wrong !== undefined) throw registryError('TAG_INVALID', { detail: { Tag: wrong } })
  if (tags.length > maxTags) throw registryError('TAG_INVALID', { status: 414, message: 'too many tags' })
  return { digest, tags }
}

/** over the exact bytes, with the algorithm of the URL. */
function digestFor(target: Target, bytes: Uint8Array): Digest {
  const algorithm = target.digest === undefined ? 'sha256' : digestAlgorithm(target.digest)
  const actual = `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}` as Digest
  if (target.digest !== undefined && target.digest !== actual) {
    throw registryError('DIGEST_INVALID', { detail: { Digest: target.digest, Reason: {} } })
  }
  return actual
}

/** */
function toReferrer(digest: Digest, size: number, manifest: Manifest): Descriptor {
  const artifactType = effectiveArtifactType(manifest)
  return {
    mediaType: manifest.mediaType,
    size,
    digest,
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(manifest.annotations === undefined ? {} : { annotations: manifest.annotations }),
  }
}

export function createPushManifest(options: PushManifestOptions): PushManifest {
  const { blobs, access, records, manifests, reader, visibility, writes, pullThrough } = options
  const { serverAddress, acceptSchema2 } = options

  /** What is only elsewhere, in a repository that this stream imports from, counts as here (B-20). */
  async function sizeOf(call: Call, digest: Digest): Promise<number | undefined> {
    const here = await access.locate(call.repository, digest, call.stream)
    const stream = here === undefined && pullThrough !== undefined ? await call.stream() : undefined
    if (stream === undefined) return here
    const asking = {
      stream,
      digest,
      headers: call.request.headers,
      url: absoluteUrl(call),
      signal: call.signal,
    }
    return (await pullThrough?.blob(asking, 'size'))?.size
  }

  /**
   * Children of an index need not be here, but one that is somebody else's is as unknown as a blob of theirs: the index
   * would make it readable.
   */
  async function checkChildren(call: Call, manifest: Manifest): Promise<void> {
    if (manifest.kind !== 'index') return
    const foreign: Digest[] = []
    for (const { digest } of manifest.manifests) {
      if ((await reader.image(digest)) === undefined) continue
      if ((await records.manifest(call.repository.name, digest)) !== undefined) continue
      if ((await visibility.find(call.repository.name, digest, call.stream)) === undefined)
        foreign.push(digest)
    }
    if (foreign.length > 0) {
      throw new RegistryError(foreign.map((digest) => errorItem('MANIFEST_BLOB_UNKNOWN', digest)))
    }
  }

  /** The config as text: nothing when it is elsewhere, too large to be one, or binary. */
  async function configText(manifest: Manifest): Promise<string | undefined> {
    if (manifest.kind === 'index' || manifest.config.size > maxManifestBytes) return undefined
    const bytes = await blobs.read(manifest.config.digest, maxManifestBytes)
    if (bytes === undefined) return undefined
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    } catch {
      return undefined
    }
  }

  async function toPushed(
    call: Call,
    digest: Digest,
    bytes: Buffer,
    manifest: Manifest,
  ): Promise<PushedManifest> {
    const { namespace, stream } = call.repository
    const text = bytes.toString('utf8')
    return {
      digest,
      manifest,
      text: manifest.kind === 'index' ? describeIndex(text) : text,
      config: await configText(manifest),
      registry: serverAddress,
      namespace,
      stream,
    }
  }

  /** B-22, B-23. */
  async function mapTag(call: Call, image: PushedManifest, tag: string): Promise<void> {
    const { namespace, stream } = call.repository
    try {
      await writes.mapImage(image, tag, call.subject)
      return
    } catch (error) {
      if (!isMissingStream(error, stream)) throw toPushFailure(error, 'mapping')
    }
    try {
      await writes.createStream(call.subject, namespace, stream)
    } catch (error) {
      throw toPushFailure(error, 'creating')
    }
    try {
      await writes.mapImage(image, tag, call.subject)
    } catch (error) {
      throw toPushFailure(error, 'mapping')
    }
  }

  async function announce(call: Call, image: PushedManifest, tags: readonly string[]): Promise<void> {
    if (tags.length === 0) {
      try {
        await writes.createImage(image)
      } catch (error) {
        throw toPushFailure(error, 'mapping')
      }
    }
    for (const tag of tags) await mapTag(call, image, tag)
  }

  /** Bytes first, then the link: nothing refers to what is not there (B-20). */
  async function keep(call: Call, digest: Digest, bytes: Buffer, manifest: Manifest): Promise<void> {
    await blobs.put(digest, bytes)
    const { mediaType, subject } = manifest
    await records.putManifest(
      call.repository.name,
      digest,
      { mediaType, size: bytes.length, ...(subject === undefined ? {} : { subject: subject.digest }) },
      toReferrer(digest, bytes.length, manifest),
    )
    manifests.keep(digest, bytes, mediaType)
  }

  return async (call, reference) => {
    const target = parseTarget(call, reference)
    const bytes = await readManifestBody(call)
    const manifest = readManifest(bytes, call.request.headers['content-type'] ?? '', { acceptSchema2 })
    const digest = digestFor(target, bytes)
    await checkChildren(call, manifest)
    await checkReferences(manifest, (blob) => sizeOf(call, blob))
    await keep(call, digest, bytes, manifest)
    await announce(call, await toPushed(call, digest, bytes, manifest), target.tags)
    return emptyAnswer(201, {
      'Docker-Content-Digest': digest,
      Location: `${call.base}/v2/${call.repository.name}/manifests/${digest}`,
      ...(manifest.subject === undefined ? {} : { 'OCI-Subject': manifest.subject.digest }),
      ...(target.digest === undefined || target.tags.length === 0 ? {} : { 'OCI-Tag': target.tags }),
    })
  }
}
