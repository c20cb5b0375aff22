import type { KubeObject } from '../machinery/object.ts'
import type { ImageFacts } from './prune-facts.ts'
import type { PruneRules } from './prune-rules.ts'

/** Stage 1 of pruning: the history of one stream (pruning.md §4). */

interface PrunableItem {
  image?: string
  created?: string | null
}

interface PrunableTag {
  tag: string
  items?: readonly PrunableItem[] | null
}

/** An ImageStream as far as pruning reads it. */
export interface PrunableStream extends KubeObject {
  status?: { tags?: readonly PrunableTag[] | null }
}

export type KeepReason =
  | { kind: 'young' }
  | { kind: 'tag-used'; by: readonly string[] }
  | { kind: 'reference' }
  | { kind: 'revision' }
  | { kind: 'small' }
  | { kind: 'image-used'; by: readonly string[] }

/** What becomes of one entry of a tag's history, and why. */
export interface ItemDecision {
  tag: string
  /** 1 is the newest. */
  revision: number
  /** '' where only a reference is known. */
  image: string
  verdict: { kind: 'keep'; why: KeepReason } | { kind: 'remove'; isMissing: boolean }
}

export interface StreamPrune<S> {
  /** `namespace/name`. */
  repository: string
  /** As it is to be stored. */
  stream: S
  removed: number
  /** Digests in the order in which they go. */
  layerLinks: string[]
  manifestLinks: string[]
  decisions: ItemDecision[]
}

function isAfter(time: string | null | undefined, threshold: number): boolean {
  return Date.parse(time ?? '') > threshold
}

/** P-21 to P-25, in this order; undefined for what goes. */
function reasonToKeep(
  item: PrunableItem,
  index: number,
  tag: string,
  place: { namespace: string; repository: string },
  facts: ImageFacts | undefined,
  rules: PruneRules,
): KeepReason | undefined {
  const { limits, references } = rules
  if (limits === undefined && isAfter(item.created, rules.threshold)) return { kind: 'young' }
  const tagUsers = index === 0 ? references.tags.get(`${place.repository}:${tag}`) : undefined
  if (tagUsers !== undefined) return { kind: 'tag-used', by: tagUsers }
  if (rules.keepReferenceTags && (item.image ?? '') === '') return { kind: 'reference' }
  if (facts === undefined) return undefined
  if (limits === undefined && index < rules.keepRevisions) return { kind: 'revision' }
  if (limits !== undefined && facts.size <= (limits.get(place.namespace) ?? Number.POSITIVE_INFINITY)) {
    return { kind: 'small' }
  }
  const users = references.images.get(`${place.repository}@${item.image}`)
  return users === undefined ? undefined : { kind: 'image-used', by: users }
}

/** What is known of an image, by its name. */
export interface ImageFinder {
  get(name: string): ImageFacts | undefined
}

function countUses(known: readonly (ImageFacts | undefined)[]): Map<string, number> {
  const uses = new Map<string, number>()
  const add = (digest: string) => uses.set(digest, (uses.get(digest) ?? 0) + 1)
  for (const facts of known) {
    if (facts === undefined) continue
    add(facts.name)
    facts.blobs.forEach(add)
  }
  return uses
}

/** undefined for a stream that is too young to be looked at; `removed` is 0 for one that stays as it is. */
export function planStreamPrune<S extends PrunableStream>(
  stream: S,
  images: ImageFinder,
  rules: PruneRules,
): StreamPrune<S> | undefined {
  const { namespace = '', name = '', creationTimestamp } = stream.metadata
  if (rules.limits === undefined && isAfter(creationTimestamp, rules.threshold)) return undefined
  const repository = `${namespace}/${name}`
  const plan: StreamPrune<S> = {
    repository,
    stream,
    removed: 0,
    layerLinks: [],
    manifestLinks: [],
    decisions: [],
  }
  const before = stream.status?.tags ?? []
  // By tag and place: each is asked for once.
  const known = before.map(({ items }) => (items ?? []).map(({ image }) => images.get(image ?? '')))
  const uses = countUses(known.flat())
  const release = (digest: string, links: string[]) => {
    const left = (uses.get(digest) ?? 0) - 1
    uses.set(digest, left)
    if (left === 0) links.push(digest)
  }
  const after = before.map((entry, place) => {
    const items = (entry.items ?? []).filter((item, index) => {
      const { image = '' } = item
      const facts = known[place]?.[index]
      const why = reasonToKeep(item, index, entry.tag, { namespace, repository }, facts, rules)
      const verdict =
        why === undefined
          ? { kind: 'remove' as const, isMissing: facts === undefined }
          : { kind: 'keep' as const, why }
      plan.decisions.push({ tag: entry.tag, revision: index + 1, image, verdict })
      if (why !== undefined) return true
      plan.removed++
      for (const digest of facts?.blobs ?? []) release(digest, plan.layerLinks)
      if (facts !== undefined) release(facts.name, plan.manifestLinks)
      return false
    })
    return { ...entry, items }
  })
  // Also tags that never had an item and only tell of a failed import.
  const tags = after.filter(({ items }) => items.length > 0)
  return plan.removed === 0 ? plan : { ...plan, stream: { ...stream, status: { ...stream.status, tags } } }
}

/** P-55: three of those who use it. */
export function describeReason(why: KeepReason): string {
  const by = (users: readonly string[]) =>
    users.length < 5 ? users.join(', ') : `${users.slice(0, 3).join(', ')}, and ${users.length - 3} more`
  switch (why.kind) {
    case 'young':
      return 'it is younger than the threshold'
    case 'tag-used':
      return `the tag is used by ${by(why.by)}`
    case 'reference':
      return 'it is a reference, not an image'
    case 'revision':
      return 'it is among the revisions that are kept'
    case 'small':
      return 'it does not exceed the limit'
    case 'image-used':
      return `it is used by ${by(why.by)}`
  }
}
