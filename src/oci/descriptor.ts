import type { Digest } from './digest.ts'
import { parseDigest } from './digest.ts'

/** Where an index entry runs (OCI image-spec "Image Index"). */
export interface Platform {
  architecture: string
  os: string
  variant?: string
  osVersion?: string
}

/** OCI image-spec "Content Descriptors". */
export interface Descriptor {
  mediaType: string
  digest: Digest
  /** Bytes. */
  size: number
  urls?: string[]
  annotations?: Record<string, string>
  artifactType?: string
  /** Base64 of the content itself. */
  data?: string
  platform?: Platform
}

export function isJsonObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** undefined unless every value is a string. */
export function readStringMap(value: unknown): Record<string, string> | undefined {
  if (!isJsonObject(value)) return undefined
  const entries = Object.entries(value)
  return entries.every(([, item]) => typeof item === 'string')
    ? (Object.fromEntries(entries) as Record<string, string>)
    : undefined
}

function readPlatform(value: unknown): Platform | undefined {
  if (!isJsonObject(value)) return undefined
  const text = (key: string): string => {
    const item = value[key]
    return typeof item === 'string' ? item : ''
  }
  return {
    architecture: text('architecture'),
    os: text('os'),
    ...(text('variant') === '' ? {} : { variant: text('variant') }),
    ...(text('os.version') === '' ? {} : { osVersion: text('os.version') }),
  }
}

function readUrls(value: unknown): string[] | undefined {
  const isList = Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string')
  return isList ? (value as string[]) : undefined
}

function readText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/**
 * The descriptor, or the reason why it is none (registry.md A-51): media type, valid digest and size are needed,
 * all else is allowed and what is malformed of it left out. `where` names it in the reason, e.g. `layers[2]`.
 */
export function readDescriptor(value: unknown, where: string): Descriptor | string {
  if (!isJsonObject(value)) return `${where} is not a descriptor`
  const { mediaType, size } = value
  if (typeof mediaType !== 'string' || mediaType === '') return `${where} has no media type`
  const digest = typeof value.digest === 'string' ? parseDigest(value.digest) : undefined
  if (digest === undefined) return `${where} has no valid digest`
  if (typeof size !== 'number' || !Number.isSafeInteger(size)) return `${where} has no size`
  if (size < 0) return `${where} has a negative size`
  const optional = {
    urls: readUrls(value.urls),
    annotations: readStringMap(value.annotations),
    artifactType: readText(value.artifactType),
    data: readText(value.data),
    platform: readPlatform(value.platform),
  }
  const given = Object.entries(optional).filter(([, item]) => item !== undefined)
  return { mediaType, digest, size, ...(Object.fromEntries(given) as Partial<Descriptor>) }
}
