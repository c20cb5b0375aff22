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

/** What pruning keeps of an Image (`ImageTable`). */
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
function blobsOf(image: PrunableImage, { Id = '' }: Metadata): readonly string[] {
  const layers = (image.dockerImageLayers ?? []).map(({ name }) => name)
  const hasConfig = Id !== '' && imageManifestTypes.has(image.dockerImageManifestMediaType ?? '')
  const all = hasConfig ? [...layers, Id] : layers
  return all.length === 0 ? none : [...new Set(all)]
}

/** The facts of an Image; text when its metadata can't be read, which says why (pruning.md P-7). */
export function imageFacts(image: PrunableImage): ImageFacts | string {
  const { name = '', creationTimestamp, annotations } = image.metadata
  const metadata = image.dockerImageMetadata ?? {}
  if (typeof metadata !== 'object' || Array.isArray(metadata)) {
    return `failed to read image metadata for ${name}: it is no object`
  }
  const subject = annotations?.[subjectAnnotation]
  const children = image.dockerImageManifests ?? []
  return {
    name,
    created: Date.parse(creationTimestamp ?? '') || 0,
    managed: annotations?.[managedAnnotation] === 'true',
    blobs: blobsOf(image, metadata as Metadata),
    children: children.length === 0 ? none : children.map(({ digest }) => digest),
    ...(subject === undefined ? {} : { subject }),
    size: (metadata as Metadata).Size ?? 0,
  }
}
