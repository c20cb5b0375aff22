import { type Image, type ImageStream, imageStreams, images } from '../../api/image/index.ts'
import type { Digest } from '../../oci/index.ts'
import { kindPrefix } from '../../resources/keys.ts'
import { decodeObject } from '../../resources/object-codec.ts'
import type { Entry } from '../../store/index.ts'
import { manifestsPrefix } from '../repository-records.ts'
import { type CollectDeps, lastWorkOn, writtenAt } from './collect-blobs.ts'
import { holdsOfImage } from './image-holds.ts'
import { type BlobVerdict, type DiscardedVerdict, judgeBlob, judgeDiscarded } from './judge-blob.ts'
import { markBlobs, parseManifestKey } from './mark-blobs.ts'
import { openMarks } from './marks.ts'
import { type Breathe, createPacer } from './pacer.ts'
import { walk } from './walk.ts'

/** Why a blob is kept, or why it may go: the same facts that a collection goes by. */
export interface BlobExplanation {
  digest: Digest
  state: 'stored' | 'discarded' | 'absent'
  /** Bytes; 0 when absent. */
  size: number
  verdict: BlobVerdict | DiscardedVerdict
  holders: BlobHolder[]
  /** How many Images hold it; `holders` lists the first. */
  images: number
  /** Repositories that link the blob, and those that have a manifest of that name. */
  repositories: string[]
  lastUse: number | undefined
  discarded: number | undefined
  /** Repositories that a pruner took it from. */
  prunedFrom: string[] | undefined
}

export interface BlobHolder {
  image: string
  /** What the blob is to the Image; 'index': the Image lists another that holds it; 'unread': a manifest that no Image describes needs it. */
  role: 'manifest' | 'layer' | 'config' | 'child' | 'history' | 'unread' | 'index'
  tags: HoldingTag[]
}

export interface HoldingTag {
  /** `namespace/name`. */
  stream: string
  tag: string
  /** 1 is what the tag means now. */
  revision: number
  since: string
}

const mostImages = 100
const mostTags = 20
const mostRepositories = 1000

export async function explainBlob(
  deps: CollectDeps,
  digest: Digest,
  signal: AbortSignal,
): Promise<BlobExplanation> {
  const { blobs, leases, records, clock, trashPeriod } = deps
  const breathe = createPacer(signal)
  const stored = await blobs.stat(digest)
  const trashed = stored === undefined ? await blobs.trash.stat(digest) : undefined
  const { holders, count } = await findHolders(deps, digest, breathe)
  const settings = { now: clock().getTime(), grace: leases.grace, trashPeriod, since: leases.since }
  const isMarked = holders.length > 0
  const lastUse = leases.lastUse(digest)
  const pruned = await records.pruned(digest)
  const verdict =
    trashed === undefined
      ? judgeBlob(
          {
            isMarked,
            lastUse,
            lastWork: await lastWorkOn(digest, deps),
            written: await writtenAt(blobs, digest, settings),
          },
          settings,
        )
      : judgeDiscarded(
          {
            isMarked,
            lastUse,
            discarded: trashed.discarded.getTime(),
            isPruned: pruned !== undefined,
            isStoredAgain: false,
          },
          settings,
        )
  return {
    digest,
    state: stored !== undefined ? 'stored' : trashed === undefined ? 'absent' : 'discarded',
    size: stored?.size ?? trashed?.size ?? 0,
    verdict,
    holders,
    images: count,
    repositories: await repositoriesOf(deps, digest, breathe),
    lastUse,
    discarded: trashed?.discarded.getTime(),
    prunedFrom: pruned === undefined ? undefined : Object.keys(pruned.links),
  }
}

async function repositoriesOf({ store, records }: CollectDeps, digest: Digest, breathe: Breathe) {
  const found = new Set(await records.holders(digest, mostRepositories))
  for await (const { key } of walk(store, manifestsPrefix, breathe)) {
    const manifest = parseManifestKey(key)
    if (manifest?.digest === digest && found.size < mostRepositories) found.add(manifest.repository)
  }
  return [...found].sort()
}

/** Most values don't contain the text: searching bytes is much less work than reading objects. */
async function* entriesWith(
  { store }: CollectDeps,
  prefix: string,
  texts: readonly string[],
  breathe: Breathe,
): AsyncGenerator<Entry> {
  const needles = texts.map((text) => Buffer.from(text))
  for await (const entry of walk(store, prefix, breathe)) {
    const { buffer, byteOffset, byteLength } = entry.value
    const bytes = Buffer.from(buffer, byteOffset, byteLength)
    if (needles.some((needle) => bytes.includes(needle)) || texts.some((text) => entry.key.endsWith(text)))
      yield entry
  }
}

function roleIn(image: Image, digest: Digest): BlobHolder['role'] | undefined {
  const holds = holdsOfImage(image)
  if (holds.manifest === digest) return 'manifest'
  if ((image.dockerImageLayers ?? []).some(({ name }) => name === digest)) return 'layer'
  if (holds.blobs.includes(digest)) return 'config'
  return holds.children.includes(digest) ? 'child' : undefined
}

async function findHolders(
  deps: CollectDeps,
  digest: Digest,
  breathe: Breathe,
): Promise<{ holders: BlobHolder[]; count: number }> {
  const holders: BlobHolder[] = []
  let count = 0
  for await (const { value, revision } of entriesWith(deps, kindPrefix(images), [digest], breathe)) {
    const image = decodeObject(value, revision) as Image
    const role = roleIn(image, digest)
    if (role === undefined) continue
    count++
    if (holders.length < mostImages) holders.push({ image: image.metadata.name ?? '', role, tags: [] })
  }
  const history: BlobHolder = { image: digest, role: 'history', tags: [] }
  const named = new Map(holders.map((holder) => [holder.image, holder]))
  if (!named.has(digest)) named.set(digest, history)
  await addTags(deps, named, breathe)
  const indexes = await indexesOf(
    deps,
    holders.filter(({ tags }) => tags.length === 0).map(({ image }) => image),
    breathe,
  )
  await addTags(deps, new Map(indexes.map((holder) => [holder.image, holder])), breathe)
  holders.push(...indexes)
  if (history.tags.length > 0) holders.push(history)
  if (holders.length === 0 && (await isMarkedOtherwise(deps, digest, breathe))) {
    holders.push({ image: '', role: 'unread', tags: [] })
  }
  return { holders, count }
}

/** Images that list one of these: what no tag names by itself may be part of what a tag names. */
async function indexesOf(
  deps: CollectDeps,
  names: readonly string[],
  breathe: Breathe,
): Promise<BlobHolder[]> {
  const found: BlobHolder[] = []
  if (names.length === 0) return found
  for await (const { value, revision } of entriesWith(deps, kindPrefix(images), names, breathe)) {
    const image = decodeObject(value, revision) as Image
    const isIndex = holdsOfImage(image).children.some((child) => names.includes(child))
    if (isIndex && found.length < mostImages) {
      found.push({ image: image.metadata.name ?? '', role: 'index', tags: [] })
    }
  }
  return found
}

async function addTags(
  deps: CollectDeps,
  holders: ReadonlyMap<string, BlobHolder>,
  breathe: Breathe,
): Promise<void> {
  const names = [...holders.keys()]
  for await (const { value, revision } of entriesWith(deps, kindPrefix(imageStreams), names, breathe)) {
    const { metadata, status } = decodeObject(value, revision) as ImageStream
    for (const { tag, items } of status.tags ?? []) {
      for (const [index, { image, created }] of (items ?? []).entries()) {
        const tags = holders.get(image)?.tags
        if (tags === undefined || tags.length >= mostTags) continue
        const stream = `${metadata.namespace}/${metadata.name}`
        tags.push({ stream, tag, revision: index + 1, since: created ?? '' })
      }
    }
  }
}

/** A manifest may need it that no Image describes: the whole walk of a collection knows. */
async function isMarkedOtherwise(deps: CollectDeps, digest: Digest, breathe: Breathe): Promise<boolean> {
  using marks = openMarks()
  await markBlobs(deps, marks, breathe)
  return marks.has(digest)
}
