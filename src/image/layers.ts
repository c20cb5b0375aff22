import {
  dockerImageOf,
  type Image,
  type ImageBlobReferences,
  type ImageLayerData,
  type ImageStream,
  type ImageStreamLayers,
  imageApiVersion,
} from '../api/image/index.ts'
import { dockerConfig, dockerManifest, ociConfig, ociManifest } from '../oci/index.ts'
import { imagesInHistory } from './resolve-image-id.ts'

const configTypes: ReadonlyMap<string, string> = new Map([
  [dockerManifest, dockerConfig],
  [ociManifest, ociConfig],
])

/** Names of the images that a manifest list consists of. */
export function childImages(image: Image): string[] {
  return (image.dockerImageManifests ?? []).map((entry) => entry.digest)
}

function toReferences(image: Image): ImageBlobReferences {
  const manifests = childImages(image)
  if (manifests.length > 0) return { imageMissing: false, layers: null, config: null, manifests }
  const hasConfig = configTypes.has(image.dockerImageManifestMediaType ?? '')
  return {
    imageMissing: false,
    layers: (image.dockerImageLayers ?? []).map((layer) => layer.name),
    config: hasConfig ? dockerImageOf(image).Id || null : null,
  }
}

/** Blobs of one image: layers, config, and the manifest itself. */
function toBlobs(name: string, image: Image): [string, ImageLayerData][] {
  const mediaType = image.dockerImageManifestMediaType || dockerManifest
  const { config } = toReferences(image)
  const layers = (image.dockerImageLayers ?? []).map((layer): [string, ImageLayerData] => {
    return [layer.name, { size: layer.size, mediaType: layer.mediaType }]
  })
  const blobs: [string, ImageLayerData][] = [...layers, [name, { size: null, mediaType }]]
  return config === null
    ? blobs
    : [...blobs, [config, { size: null, mediaType: configTypes.get(mediaType) ?? '' }]]
}

/** Images that the projection must know, by name; undefined for one that does not exist. */
export type KnownImages = (name: string) => Image | undefined

/**
 * All images of a stream's history with what their lists consist of, however deep, and their blobs (image-api.md §13.2).
 * `missing` names images that are not known: worth a second look after a moment.
 */
export function toLayers(
  stream: ImageStream,
  images: KnownImages,
): { layers: ImageStreamLayers; missing: string[] } {
  // Maps, for names come from outside and an object has names of its own.
  const references = new Map<string, ImageBlobReferences>()
  const blobs = new Map<string, ImageLayerData>()
  const missing: string[] = []
  const waiting = [...imagesInHistory(stream)]
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (references.has(name)) continue
    const image = images(name)
    if (image === undefined) {
      references.set(name, { imageMissing: true, layers: null, config: null })
      missing.push(name)
      continue
    }
    references.set(name, toReferences(image))
    for (const [blob, data] of toBlobs(name, image)) blobs.set(blob, data)
    waiting.push(...childImages(image))
  }
  const layers: ImageStreamLayers = {
    kind: 'ImageStreamLayers',
    apiVersion: imageApiVersion,
    metadata: stream.metadata,
    blobs: sortedByKey(blobs),
    images: sortedByKey(references),
  }
  return { layers, missing }
}

function sortedByKey<T>(entries: ReadonlyMap<string, T>): Record<string, T> {
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)))
}
