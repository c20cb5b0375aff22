import {
  dockerImageOf,
  type Image,
  type ImageStream,
  imageGroup,
  imageResource,
  type TagReference,
} from '../api/image/index.ts'
import { type ApiError, forbidden, type KubeObject } from '../machinery/index.ts'
import { daemonMinimal, formatExact, parseReference, withClientDefaults } from '../oci/index.ts'
import { formatBinaryQuantity, parseQuantity } from './quantity.ts'
import { imagesInHistory } from './resolve-image-id.ts'
import { specTags } from './stream-tags.ts'
import { parseTagSource } from './tag-source.ts'

/** A core LimitRange, as far as images are concerned. */
export interface LimitRange extends KubeObject {
  spec?: { limits?: readonly { type?: string; max?: Readonly<Record<string, string>> }[] }
}

const streamLimitType = 'openshift.io/ImageStream'
const imageLimitType = 'openshift.io/Image'
const imagesResource = 'openshift.io/images'
const tagsResource = 'openshift.io/image-tags'

interface Maximum {
  amount: number
  /** As the LimitRange writes it. */
  text: string
}

/** The smallest maximum that any of the limit ranges sets. */
function smallestMax(ranges: readonly LimitRange[], type: string, resource: string): Maximum | undefined {
  return ranges
    .flatMap((range) => range.spec?.limits ?? [])
    .filter((limit) => limit.type === type)
    .map((limit) => limit.max?.[resource])
    .flatMap((text): Maximum[] => {
      const amount = text === undefined ? undefined : parseQuantity(text)
      return text === undefined || amount === undefined ? [] : [{ amount, text }]
    })
    .reduce<Maximum | undefined>(
      (smallest, max) => (smallest !== undefined && smallest.amount <= max.amount ? smallest : max),
      undefined,
    )
}

/** What a spec tag refers to, in one spelling for all that mean the same; undefined where it refers to nothing. */
function tagTarget(stream: ImageStream, { from }: TagReference): string | undefined {
  if (from === undefined) return undefined
  if (from.kind === 'DockerImage') {
    const reference = parseReference(from.name ?? '')
    return reference === undefined ? undefined : formatExact(daemonMinimal(withClientDefaults(reference)))
  }
  const source = parseTagSource(stream, from)
  if (source === undefined) return undefined
  const separator = source.kind === 'ImageStreamTag' ? ':' : '@'
  return `${source.namespace}/${source.stream}${separator}${source.part || 'latest'}`
}

interface Usage {
  tags: ReadonlySet<string>
  images: ReadonlySet<string>
}

function usageOf(stream: ImageStream): Usage {
  const targets = specTags(stream).map((tag) => tagTarget(stream, tag))
  return { tags: new Set(targets.filter((target) => target !== undefined)), images: imagesInHistory(stream) }
}

function hasNew(next: ReadonlySet<string>, old: ReadonlySet<string>): boolean {
  return [...next].some((member) => !old.has(member))
}

/** Whether a write adds anything that limits count, so that limits need be looked at. */
export function growsStream(next: ImageStream, old: ImageStream | undefined): boolean {
  if (old !== undefined && next.spec.tags === old.spec.tags && next.status.tags === old.status.tags)
    return false
  const usage = usageOf(next)
  if (old === undefined) return usage.tags.size > 0 || usage.images.size > 0
  const before = usageOf(old)
  return hasNew(usage.tags, before.tags) || hasNew(usage.images, before.images)
}

function overuse(type: string, resource: string, used: number, max: Maximum | undefined): string[] {
  if (max === undefined || used <= max.amount) return []
  return [`requested usage of ${resource} exceeds the maximum limit per ${type} (${used} > ${max.text})`]
}

/** The refusal of a stream that limits don't allow, tags before images (image-api.md §9). */
export function streamLimitError(
  next: ImageStream,
  old: ImageStream | undefined,
  ranges: readonly LimitRange[],
): ApiError | undefined {
  const maxTags = smallestMax(ranges, streamLimitType, tagsResource)
  const maxImages = smallestMax(ranges, streamLimitType, imagesResource)
  if (maxTags === undefined && maxImages === undefined) return undefined
  if (!growsStream(next, old)) return undefined
  const usage = usageOf(next)
  const problems = [
    ...overuse(streamLimitType, tagsResource, usage.tags.size, maxTags),
    ...overuse(streamLimitType, imagesResource, usage.images.size, maxImages),
  ]
  if (problems.length === 0) return undefined
  const why = problems.length === 1 ? (problems[0] ?? '') : `[${problems.join(', ')}]`
  return forbidden({ group: imageGroup, resource: 'ImageStream' }, next.metadata.name ?? '', why)
}

/**
 * The refusal of a pushed image that is too big (image-api.md §9). The image's metadata are filled in already;
 * `stream` is the name of the mapping.
 */
export function imageLimitError(
  image: Image,
  stream: string,
  ranges: readonly LimitRange[],
): ApiError | undefined {
  const size = dockerImageOf(image).Size ?? 0
  const max = smallestMax(ranges, imageLimitType, 'storage')
  if (max === undefined || size <= max.amount) return undefined
  const why = `requested usage of storage exceeds the maximum limit per ${imageLimitType} (${formatBinaryQuantity(size)} > ${max.text})`
  return forbidden(imageResource('imagestreammappings'), stream, why)
}

/** Bytes that an image of the namespace may have at most; undefined where nothing limits it. */
export function largestImage(ranges: readonly LimitRange[]): number | undefined {
  return smallestMax(ranges, imageLimitType, 'storage')?.amount
}
