import type { ImageFacts } from './prune-facts.ts'
import type { PruneRules } from './prune-rules.ts'

/**
 * Stage 2 of pruning: which Images go, and with which blobs (pruning.md §5). It is told what streams list, during the run too,
 * and asked for each image right before that one goes.
 */
export interface ImagePrune {
  /** A stream lists the image: it stays, with all that an index lists and all that refers to it (P-30). */
  use(name: string): void
  isUsed(name: string): boolean
  /** An Image that came after the lists were read: its blobs count. */
  learn(facts: ImageFacts): void
  /** Images that may go as far as is known now, in the order of the list. */
  candidates(): ImageFacts[]
  /** The image goes: the blobs that no other image has, its own manifest last (P-33). Once an image. */
  release(facts: ImageFacts): string[]
  /** Whether still no image has the blob. */
  isFree(digest: string): boolean
}

export interface ImagePruneRules extends Pick<PruneRules, 'threshold' | 'limits'> {
  /** Imported images too, not only pushed ones. */
  all: boolean
}

/** `images` is kept, and `learn` adds to it. */
export function createImagePrune(images: Map<string, ImageFacts>, rules: ImagePruneRules): ImagePrune {
  const used = new Set<string>()
  const counts = new Map<string, number>()
  const referrers = new Map<string, string[]>()

  const ownBlobs = ({ name, blobs }: ImageFacts) => (blobs.includes(name) ? blobs : [...blobs, name])

  function register(facts: ImageFacts): void {
    for (const digest of ownBlobs(facts)) counts.set(digest, (counts.get(digest) ?? 0) + 1)
    if (facts.subject === undefined) return
    const known = referrers.get(facts.subject)
    if (known === undefined) referrers.set(facts.subject, [facts.name])
    else known.push(facts.name)
  }

  function use(name: string): void {
    const open = [name]
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (used.has(next)) continue
      used.add(next)
      open.push(...(images.get(next)?.children ?? []), ...(referrers.get(next) ?? []))
    }
  }

  function mayGo({ name, managed, created }: ImageFacts): boolean {
    if (used.has(name) || !(rules.all || managed)) return false
    return rules.limits !== undefined || created <= rules.threshold
  }

  for (const facts of images.values()) register(facts)
  return {
    use,
    isUsed: (name) => used.has(name),
    learn(facts) {
      if (images.has(facts.name)) return
      images.set(facts.name, facts)
      register(facts)
      if (used.has(facts.name)) facts.children.forEach(use)
      if (facts.subject !== undefined && used.has(facts.subject)) use(facts.name)
    },
    candidates: () => [...images.values()].filter(mayGo),
    release: (facts) =>
      ownBlobs(facts).filter((digest) => {
        const left = (counts.get(digest) ?? 0) - 1
        counts.set(digest, left)
        return left === 0
      }),
    isFree: (digest) => (counts.get(digest) ?? 0) <= 0,
  }
}
