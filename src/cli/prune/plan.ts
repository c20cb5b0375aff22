import type { ImageObject, StreamObject, TagEvent, TagStatus } from '../resources/image-types.ts'
import type { References } from './references.ts'

/** What pruning removes (pruning.md §4, §5). Pure: the same for a dry run and for a real one. */

export interface PruneRules {
  /** Milliseconds since 1970: what was created after it stays. */
  threshold: number
  /** Revisions of each tag that stay, by place; undefined with `limits`. */
  keepRevisions: number
  /** Size above which an image goes, by namespace; set in over-size mode, in which age and revisions don't count. */
  limits?: ReadonlyMap<string, number>
  references: References
}

export interface StreamPlan {
  namespace: string
  name: string
  /** The stream as it is to be stored. */
  stream: StreamObject
  removedItems: number
  layerLinks: string[]
  manifestLinks: string[]
  /** Log lines about items whose image is gone (P-56): while counting, and when deciding. */
  missing: { counting: string[]; deciding: string[] }
}

export interface ImagePlan {
  name: string
  blobs: string[]
}

const isAfter = (time: string | null | undefined, threshold: number) => Date.parse(time ?? '') > threshold

/** Layers in their order, then the configuration where the manifest has one. */
export function blobsOf(image: ImageObject): string[] {
  const layers = (image.dockerImageLayers ?? []).map((layer) => layer.name)
  const isIndex = (image.dockerImageManifests ?? []).length > 0
  const config = (image.dockerImageMetadata as { Id?: string } | null | undefined)?.Id
  return [...new Set(isIndex || !config ? layers : [...layers, config])]
}

function keeps(
  item: TagEvent,
  index: number,
  tag: TagStatus,
  stream: StreamObject,
  image: ImageObject | undefined,
  rules: PruneRules,
): boolean {
  const path = `${stream.metadata.namespace}/${stream.metadata.name}`
  if (rules.limits === undefined && isAfter(item.created, rules.threshold)) return true
  if (index === 0 && rules.references.tags.has(`${path}:${tag.tag}`)) return true
  if (image === undefined) return false
  if (rules.limits === undefined) {
    if (index < rules.keepRevisions) return true
  } else {
    const limit = rules.limits.get(stream.metadata.namespace ?? '')
    if (limit === undefined || (image.dockerImageMetadata?.Size ?? 0) <= limit) return true
  }
  return rules.references.images.has(`${path}@${item.image}`)
}

function countUses(stream: StreamObject, images: ReadonlyMap<string, ImageObject>): Map<string, number> {
  const uses = new Map<string, number>()
  const add = (digest: string) => uses.set(digest, (uses.get(digest) ?? 0) + 1)
  for (const { items } of stream.status?.tags ?? []) {
    for (const item of items ?? []) {
      const image = images.get(item.image ?? '')
      if (image !== undefined) for (const digest of [item.image ?? '', ...blobsOf(image)]) add(digest)
    }
  }
  return uses
}

/** undefined when the stream needs nothing. */
export function planStream(
  stream: StreamObject,
  images: ReadonlyMap<string, ImageObject>,
  rules: PruneRules,
): StreamPlan | undefined {
  const { namespace = '', name = '', creationTimestamp } = stream.metadata
  if (rules.limits === undefined && isAfter(creationTimestamp, rules.threshold)) return undefined
  const uses = countUses(stream, images)
  const plan: StreamPlan = {
    namespace,
    name,
    stream,
    removedItems: 0,
    layerLinks: [],
    manifestLinks: [],
    missing: { counting: [], deciding: [] },
  }
  const release = (digest: string, links: string[]) => {
    const left = (uses.get(digest) ?? 0) - 1
    uses.set(digest, left)
    if (left === 0) links.push(digest)
  }
  const tags = (stream.status?.tags ?? []).map((tag) => {
    const kept = (tag.items ?? []).filter((item, index) => {
      const image = images.get(item.image ?? '')
      const about = `imagestream ${namespace}/${name}: tag ${tag.tag}:`
      if (image === undefined) plan.missing.counting.push(`${about} image ${item.image ?? ''} not found`)
      if (keeps(item, index, tag, stream, image, rules)) return true
      plan.removedItems++
      if (image === undefined) {
        plan.missing.deciding.push(
          `${about} revision ${index + 1}: image ${item.image ?? ''} not found, deleting...`,
        )
        return false
      }
      for (const digest of blobsOf(image)) release(digest, plan.layerLinks)
      release(item.image ?? '', plan.manifestLinks)
      return false
    })
    return { ...tag, items: kept }
  })
  if (plan.removedItems === 0) return plan.missing.counting.length > 0 ? plan : undefined
  plan.stream = { ...stream, status: { ...stream.status, tags: tags.filter((tag) => tag.items.length > 0) } }
  return plan
}

/** Images that no stream lists any more, with the blobs that only they have; `streams` are as stage 1 leaves them. */
export function planImages(
  images: readonly ImageObject[],
  streams: readonly StreamObject[],
  rules: PruneRules & { all: boolean },
): ImagePlan[] {
  const byName = new Map(images.map((image) => [image.metadata.name ?? '', image]))
  const used = new Set<string>()
  const use = (name: string) => {
    if (used.has(name)) return
    used.add(name)
    for (const child of byName.get(name)?.dockerImageManifests ?? []) use(child.digest)
  }
  for (const stream of streams) {
    for (const tag of stream.status?.tags ?? [])
      for (const item of tag.items ?? []) if (item.image) use(item.image)
  }
  const counts = new Map<string, number>()
  for (const image of images) {
    for (const digest of new Set([...blobsOf(image), image.metadata.name ?? '']))
      counts.set(digest, (counts.get(digest) ?? 0) + 1)
  }
  const candidates = images.filter((image) => {
    if (used.has(image.metadata.name ?? '')) return false
    const managed = image.metadata.annotations?.['openshift.io/image.managed'] === 'true'
    if (!rules.all && !managed) return false
    return rules.limits !== undefined || !isAfter(image.metadata.creationTimestamp, rules.threshold)
  })
  return candidates.map((image) => {
    const name = image.metadata.name ?? ''
    const blobs = [...new Set([...blobsOf(image), name])].filter((digest) => {
      const left = (counts.get(digest) ?? 0) - 1
      counts.set(digest, left)
      return left === 0
    })
    return { name, blobs }
  })
}
