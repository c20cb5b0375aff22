import type { ImageFacts } from './prune-facts.ts'

/**
 * What pruning knows of images. There may be more of them than fit into memory, so that facts are made anew for who asks
 * (docs/decisions/056). An image holds its blobs and its own manifest.
 */
export interface ImageTable {
  /** What it holds counts from now on; false for a name that is there already, whose first facts stay. */
  add(facts: ImageFacts): boolean
  get(name: string): ImageFacts | undefined
  /** Those that nobody uses when it is their turn, in the order in which they came; who comes meanwhile is left out. */
  unused(): Iterable<ImageFacts>
  /** Names of the images that refer to that one. */
  referrersOf(name: string): readonly string[]
  /** false for a name that is in use already; it need not be there. */
  use(name: string): boolean
  isUsed(name: string): boolean
  /** The image, as the table has it, lets go of what it holds: the digests that no image holds any more, its own last. Once an image. */
  release(facts: ImageFacts): string[]
  isHeld(digest: string): boolean
}

/** What the image holds: its blobs, and its own manifest last where that is none of them. */
export function heldBy({ name, blobs }: ImageFacts): readonly string[] {
  return blobs.includes(name) ? blobs : [...blobs, name]
}
