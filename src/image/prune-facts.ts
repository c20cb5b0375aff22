import type { KubeObject } from '../machinery/object.ts'
import { imageManifestTypes } from '../oci/index.ts'

/** Names, on an Image, the manifest that it refers to (an attached signature, say): it stays for as long as that does. */
export const subjectAnnotation = 'weir.dev/subject'

const managedAnnotation = 'openshift.io/image.managed'

/** An Image as far as pruning reads it; a server may leave out anything. */
export interface PrunableImage extends KubeObject {
  dockerImageReference?: string
  dockerImageLayers?: readonly { name: string }[] | null
  dockerImageManifestMediaType?: string
  dockerImageManifests?: readonly { digest: string }[] | null
  dockerImageMetadata?: unknown
}

/** What pruning keeps of an Image: 100,000 of them have to fit. */
export interface ImageFacts {
  name: string
  /** Milliseconds since 1970. */
  created: number
  /** Pushed to the registry, rather than imported. */
  managed: boolean
  /** Layers in their order, then the configuration; each once. */
  blobs: readonly string[]
  /** What an index lists. */
  children: readonly string[]
  subject?: string
  /** Bytes, as the metadata has it. */
  size: number
}

const none: readonly string[] = []

interface Metadata {
  Id?: string
  Size?: number
}

/** P-20: the configuration is a blob of Docker schema 2 and OCI image manifests only. */
function blobsOf(
  image: PrunableImage,
  { Id = '' }: Metadata,
  share: (text: string) => string,
): readonly string[] {
  const layers = (image.dockerImageLayers ?? []).map(({ name }) => share(name))
  const hasConfig = Id !== '' && imageManifestTypes.has(image.dockerImageManifestMediaType ?? '')
  const all = hasConfig ? [...layers, share(Id)] : layers
  return all.length === 0 ? none : [...new Set(all)]
}

/**
 * The facts of an Image; text when its metadata can't be read, which says why (pruning.md P-7). `share` may give back an equal
 * string that is kept already.
 */
export function imageFacts(
  image: PrunableImage,
  share: (text: string) => string = (text) => text,
): ImageFacts | string {
  const { name = '', creationTimestamp, annotations } = image.metadata
  const metadata = image.dockerImageMetadata ?? {}
  if (typeof metadata !== 'object' || Array.isArray(metadata)) {
    return `failed to read image metadata for ${name}: it is no object`
  }
  const subject = annotations?.[subjectAnnotation]
  const children = image.dockerImageManifests ?? []
  return {
    name: share(name),
    created: Date.parse(creationTimestamp ?? '') || 0,
    managed: annotations?.[managedAnnotation] === 'true',
    blobs: blobsOf(image, metadata as Metadata, share),
    children: children.length === 0 ? none : children.map(({ digest }) => share(digest)),
    ...(subject === undefined ? {} : { subject: share(subject) }),
    size: (metadata as Metadata).Size ?? 0,
  }
}

/** Gives equal strings the same memory: a layer is named by every image that has it. */
export function createSharing(): (text: string) => string {
  const kept = new Map<string, string>()
  return (text) => {
    const known = kept.get(text)
    if (known !== undefined) return known
    kept.set(text, text)
    return text
  }
}
