import { isJsonObject } from './descriptor.ts'
import type { Digest } from './digest.ts'
import { parseDigest } from './digest.ts'

/** Docker's first manifest form. Registries no longer take it; imports from old ones still meet it (import.md §3.4). */
export interface Schema1Manifest {
  name: string
  tag: string
  architecture: string
  signed: boolean
  /** Base layer first, the reverse of the order in the manifest. */
  layers: { digest: Digest; size: number }[]
  /** The newest entry of the history: id, config and all else that is known of the image. */
  image: Record<string, unknown>
}

function readCompatibility(entry: unknown): Record<string, unknown> | undefined {
  if (!isJsonObject(entry) || typeof entry.v1Compatibility !== 'string') return undefined
  try {
    const value: unknown = JSON.parse(entry.v1Compatibility)
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** The manifest, or the reason why the text is none. */
export function parseSchema1(manifest: string): Schema1Manifest | string {
  let body: unknown
  try {
    body = JSON.parse(manifest)
  } catch {
    return 'the manifest is not JSON'
  }
  if (!isJsonObject(body) || body.schemaVersion !== 1) return 'schemaVersion must be 1'
  const { fsLayers, history } = body
  if (!Array.isArray(fsLayers) || !Array.isArray(history)) return 'fsLayers and history must be lists'
  if (fsLayers.length === 0) return 'no layers in manifest'
  if (fsLayers.length !== history.length) return 'fsLayers and history must be of one length'
  const layers: Schema1Manifest['layers'] = []
  const images = history.map(readCompatibility)
  for (const [index, layer] of fsLayers.entries()) {
    const digest = isJsonObject(layer) ? parseDigest(text(layer.blobSum)) : undefined
    const image = images[index]
    if (digest === undefined) return `fsLayers[${index}] has no valid digest`
    if (image === undefined) return `history[${index}] has no v1Compatibility`
    layers.unshift({ digest, size: typeof image.Size === 'number' ? image.Size : 0 })
  }
  return {
    name: text(body.name),
    tag: text(body.tag),
    architecture: text(body.architecture),
    signed: Array.isArray(body.signatures),
    layers,
    image: images[0] ?? {},
  }
}

/**
 * The text that the digest of a signed manifest is taken over: what came before the signatures were put in. Unsigned
 * text is returned as it is; undefined where the signature's own record of it makes no sense.
 */
export function schema1Payload(manifest: string): string | undefined {
  const body: unknown = JSON.parse(manifest)
  if (!isJsonObject(body) || !Array.isArray(body.signatures)) return manifest
  const first: unknown = body.signatures[0]
  if (!isJsonObject(first) || typeof first.protected !== 'string') return undefined
  const header = decodeJson(first.protected)
  const { formatLength, formatTail } = header ?? {}
  if (typeof formatLength !== 'number' || typeof formatTail !== 'string') return undefined
  const tail = decodeBase64Url(formatTail)
  if (tail === undefined) return undefined
  // The length counts bytes.
  const head = new TextEncoder().encode(manifest).subarray(0, formatLength)
  return new TextDecoder().decode(head) + tail
}

function decodeBase64Url(value: string): string | undefined {
  try {
    const binary = atob(value.replaceAll('-', '+').replaceAll('_', '/'))
    return new TextDecoder().decode(Uint8Array.from(binary, (character) => character.charCodeAt(0)))
  } catch {
    return undefined
  }
}

function decodeJson(value: string): Record<string, unknown> | undefined {
  const decoded = decodeBase64Url(value)
  if (decoded === undefined) return undefined
  try {
    const parsed: unknown = JSON.parse(decoded)
    return isJsonObject(parsed) ? parsed : undefined
  } catch {
    return undefined
  }
}
