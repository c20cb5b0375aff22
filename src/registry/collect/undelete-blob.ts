import type { Subject } from '../../access/access.ts'
import type { BlobStat, BlobStore } from '../../blobs/index.ts'
import type { Client } from '../../client/client.ts'
import type { PushedManifest } from '../../image/index.ts'
import { ApiError, badRequest } from '../../machinery/errors.ts'
import { type Digest, type Manifest, parseManifest } from '../../oci/index.ts'
import { describeIndex } from '../describe-index.ts'
import { createImageWrites, type ImageWrites } from '../image-writes.ts'
import type { Leases } from '../leases.ts'
import { requiredBlobs } from '../manifest-references.ts'
import { maxManifestBytes } from '../manifest-source.ts'
import { isMissingStream } from '../push-failure.ts'
import type { RepositoryRecords } from '../repository-records.ts'
import { restoreBlob } from './collect-blobs.ts'

export interface UndeleteDeps {
  /** Not leased. */
  blobs: BlobStore
  records: RepositoryRecords
  leases: Leases
  writes: ImageWrites
  /** `host[:port]` of this registry. */
  serverAddress: string
}

/** A tag that the image is to be pushed to, as if it came anew. */
export interface UndeleteTarget {
  namespace: string
  stream: string
  tag: string
}

export interface Undeleted {
  /** What came back from the trash. */
  restored: BlobStat[]
  /** What the manifest needs and is nowhere. */
  missing: Digest[]
  isManifest: boolean
}

/** An index of indexes of indexes is nobody's. */
const mostDepth = 8

/**
 * Brings a blob back from the trash, and with a manifest everything that it needs. It is leased: without a reference it may go
 * again when the grace time is over. With a target it becomes that tag's image. NotFound, BadRequest.
 */
export async function undeleteBlob(
  deps: UndeleteDeps,
  digest: Digest,
  target: UndeleteTarget | undefined,
  subject: Subject,
): Promise<Undeleted> {
  const result: Undeleted = { restored: [], missing: [], isManifest: false }
  if ((await bringBack(deps, digest, result)) === undefined) {
    throw new ApiError(404, 'NotFound', `${digest} is neither stored nor in the trash`)
  }
  const manifest = await readStored(deps, digest)
  result.isManifest = manifest !== undefined
  if (manifest !== undefined) await bringBackParts(deps, manifest.manifest, result, mostDepth)
  if (target === undefined) return result
  if (manifest === undefined) throw badRequest(`${digest} is no manifest: a tag cannot name it`)
  if (result.missing.length > 0) {
    throw badRequest(`the image is not whole any more: ${result.missing.join(', ')} is gone`)
  }
  await pushAgain(deps, digest, manifest, target, subject)
  return result
}

async function bringBack(
  deps: UndeleteDeps,
  digest: Digest,
  result: Undeleted,
): Promise<BlobStat | undefined> {
  const { blobs, leases } = deps
  leases.touch(digest)
  await leases.settled(digest)
  const stored = await blobs.stat(digest)
  const restored = stored === undefined ? await restoreBlob(deps, digest) : undefined
  if (restored !== undefined) result.restored.push(restored)
  return stored ?? restored
}

async function bringBackParts(
  deps: UndeleteDeps,
  manifest: Manifest,
  result: Undeleted,
  depth: number,
): Promise<void> {
  for (const { digest } of requiredBlobs(manifest)) {
    if ((await bringBack(deps, digest, result)) === undefined) result.missing.push(digest)
  }
  if (manifest.kind !== 'index' || depth === 0) return
  for (const { digest } of manifest.manifests) {
    // An index may list what was never here.
    if ((await bringBack(deps, digest, result)) === undefined) continue
    const child = await readStored(deps, digest)
    if (child !== undefined) await bringBackParts(deps, child.manifest, result, depth - 1)
  }
}

interface StoredManifest {
  manifest: Manifest
  text: string
  size: number
}

async function readStored(
  { blobs }: Pick<UndeleteDeps, 'blobs'>,
  digest: Digest,
): Promise<StoredManifest | undefined> {
  const size = (await blobs.stat(digest))?.size ?? 0
  if (size === 0 || size > maxManifestBytes) return undefined
  const bytes = await blobs.read(digest, maxManifestBytes)
  if (bytes === undefined) return undefined
  const text = Buffer.from(bytes).toString('utf8')
  const parsed = parseManifest(text, '')
  return parsed.ok ? { manifest: parsed.manifest, text, size } : undefined
}

/** As a push of the same image: rights of the repository to its parts, then the mapping. */
async function pushAgain(
  deps: UndeleteDeps,
  digest: Digest,
  stored: StoredManifest,
  target: UndeleteTarget,
  subject: Subject,
): Promise<void> {
  const { records, writes } = deps
  const repository = `${target.namespace}/${target.stream}`
  using _push = deps.leases.working(repository)
  await linkParts(deps, repository, digest, stored, mostDepth, target)
  const pushed = await toPushed(deps, digest, stored, target)
  await recordManifest(records, repository, digest, stored)
  try {
    await writes.mapImage(pushed, target.tag, subject)
  } catch (error) {
    if (!isMissingStream(error, target.stream)) throw error
    await writes.createStream(subject, target.namespace, target.stream)
    await writes.mapImage(pushed, target.tag, subject)
  }
}

async function linkParts(
  deps: UndeleteDeps,
  repository: string,
  digest: Digest,
  { manifest }: StoredManifest,
  depth: number,
  target: UndeleteTarget,
): Promise<void> {
  for (const part of requiredBlobs(manifest)) {
    await deps.records.linkBlob(repository, part.digest, { size: part.size })
  }
  if (manifest.kind !== 'index' || depth === 0) return
  for (const child of manifest.manifests) {
    const stored = await readStored(deps, child.digest)
    if (stored === undefined || child.digest === digest) continue
    await linkParts(deps, repository, child.digest, stored, depth - 1, target)
    await recordManifest(deps.records, repository, child.digest, stored)
    await deps.writes.createImage(await toPushed(deps, child.digest, stored, target))
  }
}

function recordManifest(
  records: RepositoryRecords,
  repository: string,
  digest: Digest,
  { manifest, size }: StoredManifest,
): Promise<void> {
  const { mediaType } = manifest
  return records.putManifest(repository, digest, { mediaType, size })
}

async function toPushed(
  { blobs, serverAddress }: Pick<UndeleteDeps, 'blobs' | 'serverAddress'>,
  digest: Digest,
  { manifest, text }: StoredManifest,
  { namespace, stream }: UndeleteTarget,
): Promise<PushedManifest> {
  const isIndex = manifest.kind === 'index'
  const config =
    isIndex || manifest.config.size > maxManifestBytes
      ? undefined
      : await blobs.read(manifest.config.digest, maxManifestBytes)
  return {
    digest,
    manifest,
    text: isIndex ? describeIndex(text) : text,
    config: config === undefined ? undefined : Buffer.from(config).toString('utf8'),
    registry: serverAddress,
    namespace,
    stream,
  }
}

/** Makes the Image of a manifest whose bytes are stored, as a push to the repository would; false when they are none. */
export function makeStoredImage({
  client,
  ...deps
}: Pick<UndeleteDeps, 'blobs' | 'serverAddress'> & { client: Client }): (
  repository: string,
  digest: Digest,
) => Promise<boolean> {
  return async (repository, digest) => {
    const [namespace = '', stream = ''] = repository.split('/')
    const stored = await readStored(deps, digest)
    if (stored === undefined) return false
    const writes = createImageWrites(client, () => client)
    await writes.createImage(await toPushed(deps, digest, stored, { namespace, stream, tag: '' }))
    return true
  }
}
