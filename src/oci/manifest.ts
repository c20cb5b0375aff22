import type { Descriptor } from './descriptor.ts'
import { isJsonObject, readDescriptor, readStringMap } from './descriptor.ts'
import {
  dockerForeignLayer,
  dockerManifest,
  dockerManifestList,
  dockerSchema1,
  dockerSchema1Signed,
  isImageManifestType,
  isIndexManifestType,
  ociIndex,
  ociManifest,
} from './media-types.ts'

interface ManifestBase {
  mediaType: string
  /** What this manifest is about: makes it a referrer. */
  subject?: Descriptor
  artifactType?: string
  annotations?: Record<string, string>
}

/** An image or an artifact: one config, layers from the base up. */
export interface ImageManifest extends ManifestBase {
  kind: 'image'
  config: Descriptor
  layers: Descriptor[]
}

/** An OCI index or a docker manifest list. */
export interface IndexManifest extends ManifestBase {
  kind: 'index'
  manifests: Descriptor[]
}

export type Manifest = ImageManifest | IndexManifest

export type ParsedManifest = { ok: true; manifest: Manifest } | { ok: false; problem: string }

type Body = Record<string, unknown>

class Problem extends Error {
  override readonly name = 'Problem'
}

/**
 * The media type under which a body is to be read: the Content-Type without parameters; without a Content-Type
 * the body's own `mediaType`, else what its shape suggests. undefined when nothing tells.
 */
export function manifestMediaType(contentType: string | undefined, body: unknown): string | undefined {
  const declared = (contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  if (declared !== '') return declared
  if (!isJsonObject(body)) return undefined
  if (typeof body.mediaType === 'string' && body.mediaType !== '') return body.mediaType
  if (body.schemaVersion === 1) return dockerSchema1
  if (Array.isArray(body.manifests)) return ociIndex
  return body.config !== undefined && Array.isArray(body.layers) ? ociManifest : undefined
}

/** Reads and validates a manifest. Unknown fields and unknown layer or config types are fine. */
export function parseManifest(text: string, contentType?: string): ParsedManifest {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    return { ok: false, problem: 'the manifest is not JSON' }
  }
  try {
    return { ok: true, manifest: readManifest(body, contentType) }
  } catch (error) {
    if (error instanceof Problem) return { ok: false, problem: error.message }
    throw error
  }
}

function readManifest(body: unknown, contentType: string | undefined): Manifest {
  if (!isJsonObject(body)) throw new Problem('the manifest is not a JSON object')
  const mediaType = manifestMediaType(contentType, body)
  checkEnvelope(body, mediaType)
  return isIndexManifestType(mediaType) ? readIndex(body, mediaType) : readImage(body, mediaType)
}

function checkEnvelope(body: Body, mediaType: string | undefined): asserts mediaType is string {
  if (mediaType === dockerSchema1 || mediaType === dockerSchema1Signed || body.schemaVersion === 1) {
    throw new Problem('manifests of schema 1 are not supported')
  }
  if (mediaType === undefined) throw new Problem('the manifest has no media type')
  if (!isImageManifestType(mediaType) && !isIndexManifestType(mediaType)) {
    throw new Problem(`the media type ${mediaType} is not supported for manifests`)
  }
  if (body.schemaVersion !== 2) throw new Problem('schemaVersion must be 2')
  const own = body.mediaType
  const isDocker = mediaType === dockerManifest || mediaType === dockerManifestList
  if (own === undefined || own === '') {
    if (isDocker) throw new Problem(`mediaType must be ${mediaType}`)
  } else if (own !== mediaType) {
    throw new Problem(`mediaType does not agree with the content type ${mediaType}`)
  }
}

function descriptor(value: unknown, where: string): Descriptor {
  const read = readDescriptor(value, where)
  if (typeof read === 'string') throw new Problem(read)
  return read
}

function descriptors(value: unknown, where: string): Descriptor[] {
  if (!Array.isArray(value)) throw new Problem(`${where} must be a list`)
  return value.map((item, index) => descriptor(item, `${where}[${index}]`))
}

function readCommon(body: Body, mediaType: string): ManifestBase {
  const annotations = readStringMap(body.annotations)
  return {
    mediaType,
    ...(body.subject === undefined || body.subject === null
      ? {}
      : { subject: descriptor(body.subject, 'subject') }),
    ...(typeof body.artifactType === 'string' && body.artifactType !== ''
      ? { artifactType: body.artifactType }
      : {}),
    ...(annotations === undefined ? {} : { annotations }),
  }
}

function readIndex(body: Body, mediaType: string): IndexManifest {
  if (body.config !== undefined || body.layers !== undefined) {
    throw new Problem('an index has neither config nor layers')
  }
  const manifests = descriptors(body.manifests, 'manifests')
  return { kind: 'index', ...readCommon(body, mediaType), manifests }
}

function readImage(body: Body, mediaType: string): ImageManifest {
  if (body.manifests !== undefined) throw new Problem('an image manifest has no manifests')
  const config = descriptor(body.config, 'config')
  const layers = descriptors(body.layers, 'layers')
  for (const [index, layer] of layers.entries()) checkUrls(layer, mediaType, `layers[${index}]`)
  return { kind: 'image', ...readCommon(body, mediaType), config, layers }
}

function checkUrls(layer: Descriptor, manifestType: string, where: string): void {
  const hasUrls = layer.urls !== undefined
  if (layer.mediaType === dockerForeignLayer) {
    if (!hasUrls) throw new Problem(`${where} is a foreign layer without urls`)
  } else if (manifestType === dockerManifest && hasUrls) {
    throw new Problem(`${where} is not a foreign layer but has urls`)
  }
}

/** What A-71 calls the artifact type of a referrer; undefined for an index that names none. */
export function effectiveArtifactType(manifest: Manifest): string | undefined {
  return manifest.artifactType ?? (manifest.kind === 'image' ? manifest.config.mediaType : undefined)
}
