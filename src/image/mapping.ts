import {
  type Image,
  type ImageStream,
  type ImageStreamMapping,
  imageApiVersion,
  isAnnotatedTrue,
  managedImageAnnotation,
  type TagEvent,
} from '../api/image/index.ts'
import { formatTime } from '../machinery/index.ts'
import { asRepository, formatExact, parseReference } from '../oci/index.ts'
import { addTagEvent } from './history.ts'
import { latestEvent } from './stream-tags.ts'
import type { HeldTags } from './tag-holds.ts'
import { updateFollowers } from './track.ts'

/** Recording of pushes (image-api.md §14.1). */

/** Step 1: the mapping with its image's reference filled in, its signatures dropped. */
export function prepareMapping(mapping: ImageStreamMapping, internalRegistry: string): ImageStreamMapping {
  const { signatures, ...image } = mapping.image
  const { namespace = '', name = '' } = mapping.metadata
  const hasReference = (image.dockerImageReference ?? '') !== ''
  const id = image.metadata.name ? `@${image.metadata.name}` : ''
  const reference =
    hasReference || internalRegistry === ''
      ? image.dockerImageReference
      : `${internalRegistry}/${namespace}/${name}${id}`
  return {
    ...mapping,
    image: { ...image, ...(reference === undefined ? {} : { dockerImageReference: reference }) },
  }
}

/** The Image to create for a mapping. */
export function imageOfMapping({ image }: ImageStreamMapping): Image {
  return { ...image, kind: 'Image', apiVersion: imageApiVersion }
}

/**
 * Where the event says that the image is. One that existed already may be known by an address elsewhere, but what was
 * pushed here is here (step 4).
 */
function eventReference(stream: ImageStream, image: Image, existed: boolean): string {
  const own = image.dockerImageReference ?? ''
  if (!existed || !isAnnotatedTrue(image, managedImageAnnotation)) return own
  const repository = stream.status.dockerImageRepository || (stream.spec.dockerImageRepository ?? '')
  const reference = parseReference(repository)
  if (reference === undefined) return own
  return formatExact({ ...asRepository(reference), id: image.metadata.name ?? '' })
}

/**
 * The stream after the push: the tag's new event, and the same for tags that follow it (step 5). The same object where
 * nothing changed. `existed`: the Image was there before. Goes through planStreamWrite as `status`.
 */
export function applyMapping(
  stream: ImageStream,
  { image, tag }: ImageStreamMapping,
  facts: { existed: boolean; now: Date; held?: HeldTags },
): ImageStream {
  const event: TagEvent = {
    created: formatTime(facts.now),
    dockerImageReference: eventReference(stream, image, facts.existed),
    image: image.metadata.name ?? '',
    generation: stream.metadata.generation ?? 0,
  }
  const pushed = addTagEvent(stream, tag, event)
  return pushed === stream ? stream : updateFollowers(pushed, stream, facts.held)
}

/**
 * Whether a push that lost a race may be tried again on the newer stream: only while nobody else moved the tag (step 6).
 */
export function canRetryMapping(seen: ImageStream, current: ImageStream, tag: string): boolean {
  const before = latestEvent(seen, tag)
  const after = latestEvent(current, tag)
  if (before === undefined) return true
  return before.image === after?.image && before.dockerImageReference === after.dockerImageReference
}
