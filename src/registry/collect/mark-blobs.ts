import { type Image, type ImageStream, imageStreams, images } from '../../api/image/index.ts'
import type { BlobStore } from '../../blobs/index.ts'
import { type Digest, parseDigest, parseManifest } from '../../oci/index.ts'
import { kindPrefix } from '../../resources/keys.ts'
import { decodeObject } from '../../resources/object-codec.ts'
import type { Entry, Store, StoreEvent } from '../../store/index.ts'
import type { Leases } from '../leases.ts'
import { maxManifestBytes } from '../manifest-source.ts'
import { type ManifestRecord, manifestsPrefix, type RepositoryRecords } from '../repository-records.ts'
import { holdsOfManifest } from './image-holds.ts'
import type { Marks } from './marks.ts'
import type { Breathe } from './pacer.ts'
import { walk } from './walk.ts'

export interface MarkDeps {
  store: Store
  /** Not leased: looking is no use. */
  blobs: BlobStore
  records: Pick<RepositoryRecords, 'deleteManifest'>
  leases: Leases
  /** Brings a manifest back that must stay, so that it can be read; absent: looking changes nothing. */
  restore?(digest: Digest): Promise<void>
}

const imagesPrefix = kindPrefix(images)
const streamsPrefix = kindPrefix(imageStreams)
const imageGroupPrefix = 'image.openshift.io/'

function markEntry(marks: Marks, { key, value, revision }: Pick<Entry, 'key' | 'value' | 'revision'>): void {
  if (key.startsWith(imagesPrefix)) marks.image(decodeObject(value, revision) as Image)
  else if (key.startsWith(streamsPrefix)) marks.stream(decodeObject(value, revision) as ImageStream)
}

/** Marks what is written while the walk is under way, until the signal aborts. */
export async function markChanges(store: Store, marks: Marks, signal: AbortSignal): Promise<void> {
  const after = store.revision()
  for await (const event of store.watch(imageGroupPrefix, after, { signal })) {
    if (isWrite(event)) markEntry(marks, event)
  }
}

const isWrite = ({ type }: StoreEvent): boolean => type === 'put'

/** How many objects a walk has found. What others write meanwhile may be among them, and counts once. */
export interface Walked {
  images: number
  streams: number
}

/** Marks everything that must stay: streams, images, referrers, recent pulls. */
export async function markBlobs(deps: MarkDeps, marks: Marks, breathe: Breathe): Promise<Walked> {
  const all = async (prefix: string): Promise<number> => {
    let count = 0
    for await (const entry of walk(deps.store, prefix, breathe)) {
      markEntry(marks, entry)
      count++
    }
    return count
  }
  const walked = { images: await all(imagesPrefix), streams: await all(streamsPrefix) }
  await readManifests(deps, marks, breathe)
  await markReferrers(deps, marks, breathe)
  return walked
}

interface Referrer {
  digest: Digest
  subject: Digest
}

/** `registry/manifests/<repository>/<digest>`. */
export function parseManifestKey(key: string): { repository: string; digest: Digest } | undefined {
  const rest = key.slice(manifestsPrefix.length)
  const at = rest.lastIndexOf('/')
  const digest = parseDigest(rest.slice(at + 1))
  return digest === undefined ? undefined : { repository: rest.slice(0, at), digest }
}

/**
 * Manifests that a repository has and no Image speaks for: one whose subject stays, stays with it (registry.md §7.4). They are
 * few, for every push makes an Image.
 */
async function markReferrers(deps: MarkDeps, marks: Marks, breathe: Breathe): Promise<void> {
  let waiting: Referrer[] = []
  for await (const { key, value } of walk(deps.store, manifestsPrefix, breathe)) {
    const found = parseManifestKey(key)
    if (found === undefined || marks.hasImage(found.digest)) continue
    const { subject } = JSON.parse(Buffer.from(value).toString('utf8')) as ManifestRecord
    if (subject !== undefined) waiting.push({ digest: found.digest, subject })
  }
  for (;;) {
    const held = waiting.filter(({ subject }) => marks.has(subject))
    if (held.length === 0) return
    for (const { digest } of held) marks.manifest(digest)
    waiting = waiting.filter(({ subject }) => !marks.has(subject))
    await readManifests(deps, marks, breathe)
  }
}

/**
 * Reads what is stored of manifests that no Image speaks for, until none is left that leads to another. What clients mark
 * meanwhile is no reason to go on, or they could keep it going for ever: they hold it by their leases.
 */
async function readManifests(deps: MarkDeps, marks: Marks, breathe: Breathe): Promise<void> {
  for (let leadsOn = true; leadsOn; ) {
    leadsOn = false
    const hasUnread = marks.hasUnread()
    if (hasUnread && deps.restore !== undefined) await restoreUnread(deps, deps.restore, marks)
    for await (const digest of deps.blobs.digests()) {
      await breathe()
      const isPulled = deps.leases.lastPull(digest) !== undefined && !marks.has(digest)
      if (!isPulled && !(hasUnread && marks.isUnread(digest))) continue
      const holds = await holdsOfStored(deps.blobs, digest)
      marks.read(digest, holds)
      if (holds?.children.some((child) => marks.isUnread(child))) leadsOn = true
    }
  }
}

async function restoreUnread(
  { blobs }: MarkDeps,
  restore: (digest: Digest) => Promise<void>,
  marks: Marks,
): Promise<void> {
  for await (const { digest } of blobs.trash.list()) if (marks.isUnread(digest)) await restore(digest)
}

export async function holdsOfStored(blobs: Pick<BlobStore, 'stat' | 'read'>, digest: Digest) {
  const size = (await blobs.stat(digest))?.size ?? Number.POSITIVE_INFINITY
  if (size > maxManifestBytes) return undefined
  const bytes = await blobs.read(digest, maxManifestBytes)
  if (bytes === undefined) return undefined
  const parsed = parseManifest(Buffer.from(bytes).toString('utf8'), '')
  return parsed.ok ? holdsOfManifest(parsed.manifest) : undefined
}
