import { formatTime } from '../../machinery/index.ts'
import type { ImageManifest, IndexManifest, Schema1Manifest } from '../../oci/index.ts'
import {
  dockerManifest,
  dockerSchema1,
  dockerSchema1Layer,
  dockerSchema1Signed,
  isImageManifestType,
  isIndexManifestType,
  parseManifest,
  parseSchema1,
  schema1Payload,
} from '../../oci/index.ts'
import {
  isAnnotatedTrue,
  layersOrderAnnotation,
  managedSignatureAnnotation,
  manifestBlobStoredAnnotation,
} from './annotations.ts'
import { canonicalDockerImage, type DockerImage, dockerImageFromConfig } from './docker-image.ts'
import type { Image, ImageLayer, ImageManifestEntry } from './image.ts'

/** What reading an image needs besides the image. */
export interface ImageWriteContext {
  now: Date
  /** sha256 digest of text; without it a changed manifest or config cannot be checked and is restored. */
  digest?(text: string): string
}

function withAnnotation(image: Image, name: string, value: string): Image {
  const annotations = { ...image.metadata.annotations, [name]: value }
  return { ...image, metadata: { ...image.metadata, annotations } }
}

function isSchema1(mediaType: string): boolean {
  return mediaType === dockerSchema1 || mediaType === dockerSchema1Signed
}

/** Puts the base layer first and says so; an image whose order nobody knows is left alone (image-api.md §10.1). */
function orderLayers(image: Image): Image {
  const layers = image.dockerImageLayers ?? []
  if (layers.length === 0) return image
  const mediaType = image.dockerImageManifestMediaType ?? ''
  const order = image.metadata.annotations?.[layersOrderAnnotation]
  if (order === undefined && !isImageManifestType(mediaType) && !isSchema1(mediaType)) return image
  const isDescending = order === undefined ? isImageManifestType(mediaType) : order === 'descending'
  const ordered = isDescending ? { ...image, dockerImageLayers: layers.toReversed() } : image
  return withAnnotation(ordered, layersOrderAnnotation, 'ascending')
}

/** Bytes of the layers, each counted once. */
function distinctSize(layers: readonly ImageLayer[]): number {
  const sizes = new Map(layers.map((layer) => [layer.name, layer.size]))
  return [...sizes.values()].reduce((sum, size) => sum + size, 0)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The layers that the image came with, else those of the manifest. */
function withLayers(image: Image, fromManifest: ImageLayer[]): Image & { dockerImageLayers: ImageLayer[] } {
  const given = image.dockerImageLayers ?? []
  if (given.length > 0) return { ...image, dockerImageLayers: given }
  return { ...withAnnotation(image, layersOrderAnnotation, 'ascending'), dockerImageLayers: fromManifest }
}

function fillFromManifest(image: Image, manifest: ImageManifest, config: string): Image {
  const filled = withLayers(
    image,
    manifest.layers.map(({ digest, size, mediaType }) => ({ name: digest, size, mediaType })),
  )
  const metadata: DockerImage = {
    ...dockerImageFromConfig(parseJson(config)),
    Id: manifest.config.digest,
    Size: distinctSize(filled.dockerImageLayers) + manifest.config.size,
  }
  const dockerImageManifestMediaType =
    manifest.mediaType || image.dockerImageManifestMediaType || dockerManifest
  return { ...filled, dockerImageMetadata: metadata, dockerImageManifestMediaType }
}

function fillFromSchema1(image: Image, manifest: Schema1Manifest): Image {
  const filled = withLayers(
    image,
    manifest.layers.map(({ digest, size }) => ({ name: digest, size, mediaType: dockerSchema1Layer })),
  )
  const known = dockerImageFromConfig(manifest.image)
  const size = distinctSize(filled.dockerImageLayers)
  const metadata = canonicalDockerImage({ ...known, Id: manifest.image.id, Size: size })
  return { ...filled, dockerImageMetadata: metadata, dockerImageManifestMediaType: dockerSchema1 }
}

function fillIndex(image: Image, now: Date): Image {
  const dockerImageMetadata = canonicalDockerImage({ Id: image.metadata.name, Created: formatTime(now) })
  return { ...image, dockerImageMetadata }
}

/**
 * Reads metadata, layers and media type out of manifest and config where the image lacks them (image-api.md §10.1,
 * step 1). A manifest or config that cannot be read leaves the image as it is.
 */
export function fillImageMetadata(image: Image, now: Date): Image {
  const text = image.dockerImageManifest ?? ''
  if (text === '') return image
  const ordered = orderLayers(image)
  const mediaType = ordered.dockerImageManifestMediaType ?? ''
  const hasLayers = (ordered.dockerImageLayers ?? []).length > 0
  const hasSize = (canonicalDockerImage(ordered.dockerImageMetadata).Size ?? 0) > 0
  if (hasLayers && hasSize && mediaType !== '') return ordered
  const schema1 = parseSchema1(text)
  if (typeof schema1 !== 'string') return fillFromSchema1(ordered, schema1)
  const parsed = parseManifest(text, mediaType)
  if (!parsed.ok) return ordered
  if (parsed.manifest.kind === 'index') return fillIndex(ordered, now)
  const config = ordered.dockerImageConfig ?? ''
  return config === '' ? ordered : fillFromManifest(ordered, parsed.manifest, config)
}

/** The entries of `dockerImageManifests` for an index, in its order. */
export function manifestEntries(index: IndexManifest): ImageManifestEntry[] {
  return index.manifests.map(({ digest, mediaType, size, platform }) => ({
    digest,
    mediaType,
    manifestSize: size,
    architecture: platform?.architecture ?? '',
    os: platform?.os ?? '',
    ...(platform?.variant === undefined ? {} : { variant: platform.variant }),
  }))
}

function withManifestEntries(image: Image): Image {
  const mediaType = image.dockerImageManifestMediaType ?? ''
  if (!isIndexManifestType(mediaType) || !image.dockerImageManifest) return image
  const parsed = parseManifest(image.dockerImageManifest, mediaType)
  if (!parsed.ok || parsed.manifest.kind !== 'index') return image
  return { ...image, dockerImageManifests: manifestEntries(parsed.manifest) }
}

function withoutStoredText(image: Image): Image {
  if (!isAnnotatedTrue(image, manifestBlobStoredAnnotation)) return image
  const { dockerImageManifest, dockerImageConfig, ...rest } = image
  return rest
}

function withoutManagedSignatures(image: Image): Image {
  const signatures = image.signatures ?? []
  const isManaged = (annotations?: Record<string, string>): boolean =>
    annotations !== undefined && managedSignatureAnnotation in annotations
  if (!signatures.some((signature) => isManaged(signature.metadata.annotations))) return image
  return {
    ...image,
    signatures: signatures.map((signature) => {
      const { [managedSignatureAnnotation]: dropped, ...annotations } = signature.metadata.annotations ?? {}
      return { ...signature, metadata: { ...signature.metadata, annotations } }
    }),
  }
}

/** image-api.md §10.1, all four steps. */
export function prepareImageCreate(image: Image, { now }: ImageWriteContext): Image {
  const filled = withManifestEntries(fillImageMetadata(image, now))
  return withoutManagedSignatures(withoutStoredText(filled))
}

/** The digest that names the image of a manifest: over its bytes, for schema 1 without the signatures. */
function canonicalDigest(manifest: string, digest: (text: string) => string): string | undefined {
  const body = parseJson(manifest)
  if (body === undefined) return undefined
  const payload = schema1Payload(manifest)
  return payload === undefined ? undefined : digest(payload)
}

function acceptedManifest(next: Image, old: Image, context: ImageWriteContext): string | undefined {
  const { dockerImageManifest: text } = next
  if (!text || text === old.dockerImageManifest) return text
  const digest = context.digest === undefined ? undefined : canonicalDigest(text, context.digest)
  return digest === old.metadata.name ? text : old.dockerImageManifest
}

function acceptedConfig(
  next: Image,
  old: Image,
  manifest: string,
  context: ImageWriteContext,
): string | undefined {
  const { dockerImageConfig: text } = next
  if (!text || text === old.dockerImageConfig) return text
  const parsed = parseManifest(manifest, next.dockerImageManifestMediaType)
  const wanted = parsed.ok && parsed.manifest.kind === 'image' ? parsed.manifest.config.digest : undefined
  return wanted !== undefined && context.digest?.(text) === wanted ? text : old.dockerImageConfig
}

/** Sets or, for undefined, removes a field. */
function withField<K extends keyof Image>(image: Image, field: K, value: Image[K] | undefined): Image {
  const { [field]: replaced, ...rest } = image
  return (value === undefined ? rest : { ...rest, [field]: value }) as Image
}

/** What names an image may not change under that name: it is restored without a word (image-api.md §10.2). */
export function prepareImageUpdate(next: Image, old: Image, context: ImageWriteContext): Image {
  let image = next
  for (const field of ['dockerImageMetadata', 'dockerImageMetadataVersion', 'dockerImageLayers'] as const) {
    image = withField(image, field, old[field])
  }
  if ((old.dockerImageSignatures ?? []).length > 0) {
    image = withField(image, 'dockerImageSignatures', old.dockerImageSignatures)
  }
  const manifest = acceptedManifest(next, old, context)
  image = withField(image, 'dockerImageManifest', manifest)
  image = withField(image, 'dockerImageConfig', acceptedConfig(next, old, manifest ?? '', context))
  return withoutManagedSignatures(withoutStoredText(fillImageMetadata(image, context.now)))
}
