import {
  dockerImageOf,
  type Image,
  type ImageStream,
  insecureRepositoryAnnotation,
  isAnnotatedTrue,
  managedImageAnnotation,
} from '../api/image/index.ts'
import { type Digest, parseDigest } from '../oci/index.ts'
import type { ImageView, LayerView, StreamView } from './stream-reader.ts'

export function toStreamView(stream: ImageStream): StreamView {
  const { dockerImageRepository, publicDockerImageRepository = '', tags = [] } = stream.status
  const insecure = (stream.spec.tags ?? []).filter(({ importPolicy }) => importPolicy?.insecure === true)
  return {
    namespace: stream.metadata.namespace ?? '',
    name: stream.metadata.name ?? '',
    tags: new Map(
      tags.map(({ tag, items }) => [
        tag,
        (items ?? []).map(({ image, dockerImageReference, created }) => ({
          image,
          dockerImageReference,
          created: created ?? '',
        })),
      ]),
    ),
    ownRepositories: [dockerImageRepository, publicDockerImageRepository].filter((name) => name !== ''),
    isInsecure: isAnnotatedTrue(stream, insecureRepositoryAnnotation),
    insecureTags: new Set(insecure.map(({ name }) => name)),
  }
}

/** undefined for an Image whose name is no digest: the registry can serve none by that name. */
export function toImageView(image: Image): ImageView | undefined {
  const digest = parseDigest(image.metadata.name ?? '')
  if (digest === undefined) return undefined
  const layers: LayerView[] = []
  for (const { name, size } of image.dockerImageLayers ?? []) {
    const layer = parseDigest(name)
    if (layer !== undefined) layers.push({ digest: layer, size })
  }
  const manifests = (image.dockerImageManifests ?? []).map((entry) => parseDigest(entry.digest))
  return {
    digest,
    mediaType: image.dockerImageManifestMediaType ?? '',
    isManaged: isAnnotatedTrue(image, managedImageAnnotation),
    layers,
    config: parseDigest(dockerImageOf(image).Id ?? ''),
    manifests: manifests.filter((entry): entry is Digest => entry !== undefined),
    inlineManifest: image.dockerImageManifest ?? '',
  }
}
