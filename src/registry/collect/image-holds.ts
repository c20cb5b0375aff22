import type { Image, ImageStream } from '../../api/image/index.ts'
import { type Digest, isIndexManifestType, type Manifest, parseDigest } from '../../oci/index.ts'

/** Which blobs must stay because an object names them. Pure. */
export interface ImageHolds {
  /** Absent when the Image's name is no digest. */
  manifest: Digest | undefined
  /** Layers and config. */
  blobs: Digest[]
  /** Children of an index. */
  children: Digest[]
  /** Whether the Image names everything: of one whose config could not be read, the manifest itself has to be asked. */
  isWhole: boolean
}

const toDigests = (texts: readonly string[]): Digest[] =>
  texts.map(parseDigest).filter((digest) => digest !== undefined)

export function holdsOfImage(image: Image): ImageHolds {
  const children = toDigests((image.dockerImageManifests ?? []).map(({ digest }) => digest))
  // Read as it is stored: making the metadata canonical costs more than the rest of the walk.
  const { Id: id = '' } = (image.dockerImageMetadata ?? {}) as { Id?: string }
  const layers = (image.dockerImageLayers ?? []).map(({ name }) => name)
  const isIndex = children.length > 0 || isIndexManifestType(image.dockerImageManifestMediaType ?? '')
  return {
    manifest: parseDigest(image.metadata.name ?? ''),
    blobs: isIndex ? [] : toDigests([...layers, id]),
    children,
    isWhole: isIndex || id !== '',
  }
}

/** What a manifest's own bytes name. */
export function holdsOfManifest(manifest: Manifest): Pick<ImageHolds, 'blobs' | 'children'> {
  if (manifest.kind === 'index') {
    return { blobs: [], children: manifest.manifests.map(({ digest }) => digest) }
  }
  return { blobs: [manifest.config.digest, ...manifest.layers.map(({ digest }) => digest)], children: [] }
}

/** Everything in the stream's history, once or more often. */
export function holdsOfStream(stream: ImageStream): Digest[] {
  return toDigests((stream.status.tags ?? []).flatMap(({ items }) => (items ?? []).map(({ image }) => image)))
}
