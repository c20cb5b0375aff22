import { type ImageTable, withRoom } from './image-table.ts'
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
  /** Whether still no image has the blob. */
  isFree(digest: string): boolean
}

export interface ImagePruneRules extends Pick<PruneRules, 'threshold' | 'limits'> {
  /** Imported images too, not only pushed ones. */
  all: boolean
}

/** `images` is kept, and `learn` adds to it. */
export function createImagePrune(images: ImageTable, rules: ImagePruneRules): ImagePrune {
  const { numbers } = images
  /** By the number of the name. */
  let used = new Uint8Array(1024)
  /** How many images have the blob, by its number. */
  let counts = new Uint32Array(1024)
  const referrers = new Map<number, number[]>()

  const ownBlobs = ({ name, blobs }: ImageFacts) => (blobs.includes(name) ? blobs : [...blobs, name])
  const isUsed = (name: string): boolean => used[numbers.find(name) ?? -1] === 1

  function count(number: number): void {
    counts = withRoom(counts, number + 1)
    counts[number]! += 1
  }

  function register(row: number): void {
    const [name, blobs, subject] = [images.nameAt(row), images.blobsAt(row), images.subjectAt(row)]
    blobs.forEach(count)
    if (!blobs.includes(name)) count(name)
    if (subject === undefined) return
    const about = numbers.number(subject)
    referrers.set(about, [...(referrers.get(about) ?? []), name])
  }

  function use(name: string): void {
    const open = [numbers.number(name)]
    used = withRoom(used, numbers.size)
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (used[next] === 1) continue
      used[next] = 1
      open.push(...images.childrenOf(next), ...(referrers.get(next) ?? []))
    }
  }

  function mayGo({ name, managed, created }: ImageFacts): boolean {
    if (isUsed(name) || !(rules.all || managed)) return false
    return rules.limits !== undefined || created <= rules.threshold
  }

  for (let row = 0; row < images.size; row++) register(row)
  return {
    use,
    isUsed,
    learn(facts) {
      if (images.get(facts.name) !== undefined) return
      images.add(facts)
      register(images.size - 1)
      if (isUsed(facts.name)) facts.children.forEach(use)
      if (facts.subject !== undefined && isUsed(facts.subject)) use(facts.name)
    },
    *candidates() {
      const { size } = images
      for (let row = 0; row < size; row++) {
        if (used[images.nameAt(row)] === 1) continue
        const facts = images.at(row)
        if (mayGo(facts)) yield facts
      }
    },
    release: (facts) =>
      ownBlobs(facts).filter((digest) => {
        const number = numbers.number(digest)
        const before = counts[number] ?? 0
        if (before === 0) return false
        counts[number] = before - 1
        return before === 1
      }),
    isFree: (digest) => (counts[numbers.find(digest) ?? -1] ?? 0) === 0,
  }
}
