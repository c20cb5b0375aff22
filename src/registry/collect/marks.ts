import type { Image, ImageStream } from '../../api/image/index.ts'
import type { Digest } from '../../oci/index.ts'
import { openScratch, type ScratchOptions, scratchKey } from '../../scratch/index.ts'
import { holdsOfImage, holdsOfStream, type ImageHolds } from './image-holds.ts'

/**
 * What the walk has found so far, however much it is (docs/decisions/056). Nothing is ever unmarked. Where there is no room for it, every
 * call throws from then on: marks that lack something are worth nothing.
 */
export interface Marks extends Disposable {
  has(digest: Digest): boolean
  /** Whether it may be a manifest that no Image speaks for, so that its own bytes have to be asked what they need. */
  isUnread(digest: Digest): boolean
  /** Whether any may be. */
  hasUnread(): boolean
  /** Whether there is an Image of that name. */
  hasImage(digest: Digest): boolean
  image(image: Image): void
  stream(stream: ImageStream): void
  /** A manifest that must stay, and what it needs. */
  manifest(digest: Digest): void
  /** What the bytes of a manifest say; absent: they are no manifest. */
  read(digest: Digest, holds: Pick<ImageHolds, 'blobs' | 'children'> | undefined): void
}

/** Bits of a mark; every mark has the first. */
const needed = 1
const isManifest = 2
const wasRead = 4
const isImage = 8

/** Blobs are walked by their digests: what is asked for lies together. */
const schema = `
  CREATE TABLE marks (digest PRIMARY KEY, bits INTEGER NOT NULL) WITHOUT ROWID;
  CREATE INDEX unread ON marks (digest) WHERE bits & ${isManifest | wasRead} = ${isManifest};
`

export function openMarks(options: Omit<ScratchOptions, 'schema'> = {}): Marks {
  const scratch = openScratch({ ...options, schema })
  const { db, attempt } = scratch
  const find = db.prepare('SELECT bits FROM marks WHERE digest = ?')
  const findUnread = db.prepare(`
    SELECT 1 FROM marks INDEXED BY unread WHERE bits & ${isManifest | wasRead} = ${isManifest} LIMIT 1`)
  const mark = db.prepare(`
    INSERT INTO marks (digest, bits) VALUES (?, ?)
    ON CONFLICT DO UPDATE SET bits = bits | excluded.bits WHERE bits | excluded.bits <> bits`)

  const add = (digest: Digest, bits: number): void =>
    void attempt(() => mark.run(scratchKey(digest), bits | needed))
  const bitsOf = (digest: Digest): number =>
    (attempt(() => find.get(scratchKey(digest))) as unknown as [number] | undefined)?.[0] ?? 0

  function addAll({ blobs, children }: Pick<ImageHolds, 'blobs' | 'children'>): void {
    for (const digest of blobs) add(digest, needed)
    for (const digest of children) add(digest, isManifest)
  }

  return {
    has: (digest) => bitsOf(digest) !== 0,
    isUnread: (digest) => (bitsOf(digest) & (isManifest | wasRead)) === isManifest,
    hasUnread: () => attempt(() => findUnread.get()) !== undefined,
    hasImage: (digest) => (bitsOf(digest) & isImage) !== 0,
    image(image) {
      const holds = holdsOfImage(image)
      if (holds.manifest !== undefined) {
        add(holds.manifest, isImage | isManifest | (holds.isWhole ? wasRead : 0))
      }
      addAll(holds)
    },
    stream(stream) {
      for (const digest of holdsOfStream(stream)) add(digest, isManifest)
    },
    manifest: (digest) => add(digest, isManifest),
    read(digest, holds) {
      add(digest, isManifest | wasRead)
      if (holds !== undefined) addAll(holds)
    },
    [Symbol.dispose]: scratch[Symbol.dispose],
  }
}
