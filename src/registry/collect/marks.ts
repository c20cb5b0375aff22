import type { Image, ImageStream } from '../../api/image/index.ts'
import { createDigestTable, type Digest } from '../../oci/index.ts'
import { holdsOfImage, holdsOfStream, type ImageHolds } from './image-holds.ts'

/** What the walk has found so far, a few bytes a digest. Nothing is ever unmarked. */
export interface Marks {
  has(digest: Digest): boolean
  /** Whether it may be a manifest that no Image speaks for, so that its own bytes have to be asked what they need. */
  isUnread(digest: Digest): boolean
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

export function createMarks(): Marks {
  const table = createDigestTable()
  const add = (digest: Digest, bits: number): void => {
    const before = table.get(digest) ?? 0
    const after = before | bits | needed
    if (after !== before) table.set(digest, after)
  }

  function addAll({ blobs, children }: Pick<ImageHolds, 'blobs' | 'children'>): void {
    for (const digest of blobs) add(digest, needed)
    for (const digest of children) add(digest, isManifest)
  }

  return {
    has: (digest) => table.get(digest) !== undefined,
    isUnread: (digest) => ((table.get(digest) ?? 0) & (isManifest | wasRead)) === isManifest,
    hasImage: (digest) => ((table.get(digest) ?? 0) & isImage) !== 0,
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
  }
}
