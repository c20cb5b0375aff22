import { type Digest, parseDigest } from '../oci/index.ts'
import type { ImageView, StreamReader, StreamView } from './stream-reader.ts'

/**
 * What a stream vouches for (registry.md B-31, B-40c): every image of every tag's history, the children of indexes at any
 * depth, and the blobs of them all.
 */
export interface StreamReach {
  /** Whether the digest is, or is below, an image of the stream's history. */
  hasManifest(stream: StreamView, digest: Digest): Promise<boolean>
  /** Images of the stream that say that it is a layer or the config of theirs. */
  imagesWith(stream: StreamView, blob: Digest): Promise<readonly Digest[]>
  /** An index of the history that leads to the digest; undefined when the digest is in the history itself, or nowhere. */
  ancestorOf(stream: StreamView, digest: Digest): Promise<Digest | undefined>
}

interface Reach {
  /** Each manifest with the index of the history that leads to it; itself when it is in the history. */
  manifests: Map<Digest, Digest>
  /** Layers and configs with the images that name them. */
  blobs: Map<Digest, Digest[]>
  /** Every image was found; otherwise one may appear later without the stream changing. */
  isWhole: boolean
}

export function historyDigests(stream: StreamView): Set<Digest> {
  const found = new Set<Digest>()
  for (const items of stream.tags.values()) {
    for (const item of items) {
      const digest = parseDigest(item.image)
      if (digest !== undefined) found.add(digest)
    }
  }
  return found
}

export function isInHistory(stream: StreamView, digest: Digest): boolean {
  for (const items of stream.tags.values()) {
    if (items.some((item) => item.image === digest)) return true
  }
  return false
}

async function walk(reader: StreamReader, stream: StreamView): Promise<Reach> {
  const reach: Reach = { manifests: new Map(), blobs: new Map(), isWhole: true }
  const pending = [...historyDigests(stream)].map((digest) => ({ digest, root: digest }))
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { digest, root } = next
    if (reach.manifests.has(digest)) continue
    reach.manifests.set(digest, root)
    const image = await reader.image(digest)
    if (image === undefined) reach.isWhole = false
    else {
      for (const blob of blobsOf(image)) reach.blobs.set(blob, [...(reach.blobs.get(blob) ?? []), digest])
      for (const child of image.manifests) pending.push({ digest: child, root })
    }
  }
  return reach
}

export function blobsOf(image: ImageView): Digest[] {
  const layers = image.layers.map(({ digest }) => digest)
  return image.config === undefined ? layers : [...layers, image.config]
}

/** Walks a stream once per state of it: the reader gives the same object as long as nothing changed. */
export function createStreamReach(reader: StreamReader): StreamReach {
  const known = new WeakMap<StreamView, Promise<Reach>>()

  async function reachOf(stream: StreamView): Promise<Reach> {
    const before = known.get(stream)
    if (before !== undefined) return before
    const walking = walk(reader, stream)
    known.set(stream, walking)
    try {
      const reach = await walking
      if (!reach.isWhole) known.delete(stream)
      return reach
    } catch (error) {
      known.delete(stream)
      throw error
    }
  }

  return {
    async hasManifest(stream, digest) {
      return isInHistory(stream, digest) || (await reachOf(stream)).manifests.has(digest)
    },
    async imagesWith(stream, blob) {
      return (await reachOf(stream)).blobs.get(blob) ?? []
    },
    async ancestorOf(stream, digest) {
      if (isInHistory(stream, digest)) return undefined
      return (await reachOf(stream)).manifests.get(digest)
    },
  }
}
