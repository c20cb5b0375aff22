import type { ImageTable } from './image-table.ts'
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
  /** Images of the list that may go as far as is known when it is their turn, in its order. */
  candidates(): Iterable<ImageFacts>
  /** The image goes: the blobs that no other image has, its own manifest last (P-33). Once an image. */
  release(facts: ImageFacts): string[]
  /** Whether still no image has the blob that was released. */
  isFree(digest: string): boolean
}

export interface ImagePruneRules extends Pick<PruneRules, 'threshold' | 'limits'> {
  /** Imported images too, not only pushed ones. */
  all: boolean
}

/** `images` is kept, and `learn` adds to it. */
export function createImagePrune(images: ImageTable, rules: ImagePruneRules): ImagePrune {
  let hasLearned = false

  function use(name: string): void {
    const open = [name]
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (images.use(next)) open.push(...(images.get(next)?.children ?? []), ...images.referrersOf(next))
    }
  }

  function mayGo({ managed, created }: ImageFacts): boolean {
    if (!(rules.all || managed)) return false
    return rules.limits !== undefined || created <= rules.threshold
  }

  return {
    use,
    isUsed: images.isUsed,
    learn(facts) {
      if (!images.add(facts)) return
      hasLearned = true
      if (images.isUsed(facts.name)) facts.children.forEach(use)
      if (facts.subject !== undefined && images.isUsed(facts.subject)) use(facts.name)
    },
    *candidates() {
      for (const facts of images.unused()) if (mayGo(facts)) yield facts
    },
    release: images.release,
    // What nobody held stays so unless an image comes.
    isFree: (digest) => !hasLearned || !images.isHeld(digest),
  }
}
