import { ApiError } from './errors.ts'
import { type MediaType, parseAccept, parseMediaType } from './media-type.ts'

/** Content negotiation as `k8s.io/apiserver` does it (image-api.md §2.5, cli.md §20.1). */

export type BodyFormat = 'json' | 'yaml' | 'protobuf'

export type Transform = 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList'

/** A form of the answer that a client asks for with `as`, `g` and `v`. */
export interface OfferedTransform {
  as: Transform | 'APIGroupDiscoveryList'
  group: string
  versions: readonly string[]
  /** Default: JSON and YAML. */
  formats?: readonly BodyFormat[]
}

export interface Negotiated {
  format: BodyFormat
  as?: OfferedTransform['as']
  /** Of `as`. */
  group?: string
  version?: string
  /** For the answer's header: repeats the parameters of a discovery list, which clients look for. */
  contentType: string
}

export const mediaTypes: Readonly<Record<BodyFormat, string>> = {
  json: 'application/json',
  yaml: 'application/yaml',
  protobuf: 'application/vnd.kubernetes.protobuf',
}

const allFormats: readonly BodyFormat[] = ['json', 'yaml', 'protobuf']
const metaGroup = 'meta.k8s.io'

/** For reads of one object and watches. */
export const objectTransforms: readonly OfferedTransform[] = [
  { as: 'Table', group: metaGroup, versions: ['v1', 'v1beta1'] },
  { as: 'PartialObjectMetadata', group: metaGroup, versions: ['v1', 'v1beta1'] },
]

export const listTransforms: readonly OfferedTransform[] = [
  { as: 'Table', group: metaGroup, versions: ['v1', 'v1beta1'] },
  { as: 'PartialObjectMetadataList', group: metaGroup, versions: ['v1', 'v1beta1'] },
]

export const discoveryTransforms: readonly OfferedTransform[] = [
  {
    as: 'APIGroupDiscoveryList',
    group: 'apidiscovery.k8s.io',
    versions: ['v2', 'v2beta1'],
    formats: ['json'],
  },
]

export function notAcceptable(): ApiError {
  const available = allFormats.map((format) => mediaTypes[format]).join(', ')
  return new ApiError(
    406,
    'NotAcceptable',
    `406: Not Acceptable\n\nAvailable representations: ${available}`,
    { details: {} },
  )
}

/**
 * The first of the client's wishes that can be served; no header wants JSON. Throws 406 when there is none.
 * `formats` are those that the answer can be encoded in.
 */
export function negotiate(
  accept: string | undefined,
  options: { formats?: readonly BodyFormat[]; transforms?: readonly OfferedTransform[] } = {},
): Negotiated {
  const formats = options.formats ?? allFormats
  if (accept === undefined || accept.trim() === '') return { format: 'json', contentType: mediaTypes.json }
  for (const wish of parseAccept(accept)) {
    const format = formats.find((candidate) => matches(wish.type, mediaTypes[candidate]))
    const found = format && applyTransform(wish, format, options.transforms ?? [])
    if (found !== undefined) return found
  }
  throw notAcceptable()
}

function matches(range: string, type: string): boolean {
  return range === '*/*' || range === type || (range.endsWith('/*') && type.startsWith(range.slice(0, -1)))
}

function applyTransform(
  wish: MediaType,
  format: BodyFormat,
  transforms: readonly OfferedTransform[],
): Negotiated | undefined {
  const as = wish.parameters.get('as')
  if (as === undefined) return { format, contentType: mediaTypes[format] }
  const group = wish.parameters.get('g') ?? ''
  const version = wish.parameters.get('v') ?? ''
  const offered = transforms.find(
    (offer) =>
      offer.as === as &&
      offer.group === group &&
      offer.versions.includes(version) &&
      (offer.formats ?? ['json', 'yaml']).includes(format),
  )
  if (offered === undefined) return undefined
  const parameters = offered.as === 'APIGroupDiscoveryList' ? `;g=${group};v=${version};as=${as}` : ''
  return { format, as: offered.as, group, version, contentType: `${mediaTypes[format]}${parameters}` }
}

export type PatchFormat = 'json' | 'merge' | 'strategic' | 'apply'

const patchFormats: Readonly<Record<string, PatchFormat>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/apply-patch+yaml': 'apply',
}

/** The Content-Type of a PATCH; 415 for any other (r502). */
export function parsePatchType(contentType: string | undefined): PatchFormat {
  const format = patchFormats[parseMediaType(contentType ?? '')?.type ?? '']
  if (format === undefined) {
    throw new ApiError(415, 'UnsupportedMediaType', '415: Unsupported Media Type', { details: {} })
  }
  return format
}

/** The Content-Type of a body; none means JSON. 415 for what can't be decoded. */
export function parseBodyFormat(contentType: string | undefined): BodyFormat {
  if (contentType === undefined || contentType.trim() === '') return 'json'
  const type = parseMediaType(contentType)?.type
  const format = allFormats.find((candidate) => mediaTypes[candidate] === type)
  if (format === undefined) {
    const accepted = allFormats.map((candidate) => mediaTypes[candidate]).join(', ')
    throw new ApiError(
      415,
      'UnsupportedMediaType',
      `the body of the request was in an unknown format - accepted media types include: ${accepted}`,
    )
  }
  return format
}
