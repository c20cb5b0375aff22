import { type Image, type ImageStream, imageStreams, images } from '../../api/image/index.ts'
import type { BlobStore } from '../../blobs/index.ts'
import { createDigestTable, type Digest, type DigestTable } from '../../oci/index.ts'
import { kindPrefix, objectKey } from '../../resources/keys.ts'
import { decodeObject } from '../../resources/object-codec.ts'
import type { Store } from '../../store/index.ts'
import { holdsOfImage, holdsOfStream } from './image-holds.ts'
import { type Breathe, createPacer } from './pacer.ts'
import { walk } from './walk.ts'

/** What the images of a project's streams take of what is stored here; blobs of other registries count nothing. */
export interface ProjectStorage {
  project: string
  streams: number
  images: number
  /** Bytes, each blob once. */
  bytes: number
  /** Bytes of blobs that images of other projects have as well. */
  shared: number
}

export interface StorageUse {
  projects: ProjectStorage[]
  /** Bytes of everything that is stored, and of what lies in the trash. */
  stored: number
  trash: number
  /** Bytes of what no stream's image has. */
  unlisted: number
}

export interface StorageDeps {
  store: Store
  blobs: Pick<BlobStore, 'list' | 'stat' | 'trash'>
}

/** The owner of a blob that several projects have; others are numbered from 1. */
const shared = 0xffffffff

interface Census extends StorageDeps {
  breathe: Breathe
  /** Whose each blob is, over all projects. */
  owners: DigestTable
  /** Which blobs and images the project at hand has been charged with already. */
  charged: DigestTable
  images: DigestTable
}

/** Goes through the streams in the order of their names, so project by project, with a few bytes for each blob. */
export async function measureProjects(deps: StorageDeps, signal: AbortSignal): Promise<StorageUse> {
  const breathe = createPacer(signal)
  const owners = createDigestTable()
  const projects: ProjectStorage[] = []
  let census = { ...deps, breathe, owners, charged: createDigestTable(), images: createDigestTable() }
  const prefix = kindPrefix(imageStreams)
  for await (const { key, value, revision } of walk(deps.store, prefix, breathe)) {
    const [project = ''] = key.slice(prefix.length).split('/')
    if (projects.at(-1)?.project !== project) {
      projects.push({ project, streams: 0, images: 0, bytes: 0, shared: 0 })
      census = { ...census, charged: createDigestTable(), images: createDigestTable() }
    }
    const row = projects.at(-1) as ProjectStorage
    row.streams++
    await chargeStream(census, decodeObject(value, revision) as ImageStream, row, projects.length)
  }
  return settle(deps, projects, owners, breathe)
}

async function chargeStream(
  census: Census,
  stream: ImageStream,
  row: ProjectStorage,
  owner: number,
): Promise<void> {
  const pending = holdsOfStream(stream)
  for (let digest = pending.pop(); digest !== undefined; digest = pending.pop()) {
    if (census.images.get(digest) !== undefined) continue
    census.images.set(digest, 1)
    row.images++
    await charge(census, digest, row, owner)
    const entry = await census.store.get(objectKey(images, '', digest))
    if (entry === undefined) continue
    const { blobs, children } = holdsOfImage(decodeObject(entry.value, entry.revision) as Image)
    for (const blob of blobs) await charge(census, blob, row, owner)
    pending.push(...children)
  }
}

async function charge(census: Census, digest: Digest, row: ProjectStorage, owner: number): Promise<void> {
  if (census.charged.get(digest) !== undefined) return
  await census.breathe()
  census.charged.set(digest, 1)
  const before = census.owners.get(digest)
  census.owners.set(digest, before === undefined || before === owner ? owner : shared)
  row.bytes += (await census.blobs.stat(digest))?.size ?? 0
}

/** What a project has alone is known once all have been seen; the rest of what it has is shared. */
async function settle(
  { blobs }: StorageDeps,
  projects: ProjectStorage[],
  owners: DigestTable,
  breathe: Breathe,
): Promise<StorageUse> {
  for (const row of projects) row.shared = row.bytes
  const use: StorageUse = { projects, stored: 0, trash: 0, unlisted: 0 }
  for await (const { digest, size } of blobs.list()) {
    await breathe()
    use.stored += size
    const owner = owners.get(digest)
    if (owner === undefined) use.unlisted += size
    const row = owner === undefined || owner === shared ? undefined : projects[owner - 1]
    if (row !== undefined) row.shared = Math.max(0, row.shared - size)
  }
  for await (const { size } of blobs.trash.list()) use.trash += size
  return use
}
