import {
  canonicalImage,
  type Image,
  type ImageStream,
  type ImageStreamTag,
  imageApiVersion,
  imageResource,
} from '../api/image/index.ts'
import { badRequest, notFound } from '../machinery/index.ts'
import { pullSpec } from './resolve-tag.ts'
import { latestEvent, specTag, statusTag, statusTags } from './stream-tags.ts'
import { formatStreamTagName, parseStreamTagName, type StreamTagName } from './virtual-name.ts'

/** Image stream tags as views of a stream (image-api.md §11.1–§11.3). */

export const streamTagResource = imageResource('imagestreamtags')

/** Throws BadRequest for anything but `<stream>:<tag>`. */
export function readStreamTagName(name: string): StreamTagName {
  const parsed = parseStreamTagName(name)
  if (parsed === undefined) throw badRequest('ImageStreamTags must be retrieved with <name>:<tag>')
  return parsed
}

/** Name of the Image that a tag stands for; undefined where there is none, as for tags that are mere references. */
export function currentImageName(stream: ImageStream, tag: string): string | undefined {
  return latestEvent(stream, tag)?.image || undefined
}

/** As {@link currentImageName}; throws NotFound naming the image stream tag. */
export function requireImageName(stream: ImageStream, tag: string): string {
  const image = currentImageName(stream, tag)
  if (image === undefined) {
    throw notFound(streamTagResource, formatStreamTagName(stream.metadata.name ?? '', tag))
  }
  return image
}

const shownInside = new WeakMap<Image, Image>()

/** An Image inside another object: without kind, and without the text that the registry may hold. Made once for each. */
export function withoutText(image: Image): Image {
  const known = shownInside.get(image)
  if (known !== undefined) return known
  const { kind, apiVersion, dockerImageManifest, dockerImageConfig, ...rest } = canonicalImage(image)
  shownInside.set(image, rest)
  return rest
}

/** The Image as a tag shows it: pulled as the tag's policy says, the tag's annotations over its own. */
export function imageOfTag(
  image: Image | undefined,
  name: string,
  reference: string,
  tagAnnotations: Record<string, string> | null | undefined,
): Image {
  const base = image ?? canonicalImage({ metadata: name === '' ? {} : { name } } as Image)
  const { dockerImageReference, ...rest } = withoutText(base)
  const { annotations: own, ...metadata } = rest.metadata
  const annotations = { ...own, ...(image === undefined ? {} : tagAnnotations) }
  return {
    ...rest,
    metadata: Object.keys(annotations).length === 0 ? metadata : { ...metadata, annotations },
    ...(reference === '' ? {} : { dockerImageReference: reference }),
  }
}

/**
 * The view of one tag. Without `image` only the image's name shows, as in lists; a tag without an image shows the empty
 * one, as answers to writes do.
 */
export function toStreamTag(stream: ImageStream, tag: string, image?: Image): ImageStreamTag {
  const spec = specTag(stream, tag) ?? null
  const latest = latestEvent(stream, tag)
  const event = latest?.image ? latest : undefined
  const { name = '', namespace, uid, resourceVersion, creationTimestamp, labels } = stream.metadata
  const created = event?.created ?? creationTimestamp
  const conditions = statusTag(stream, tag)?.conditions
  return {
    kind: 'ImageStreamTag',
    apiVersion: imageApiVersion,
    metadata: {
      name: formatStreamTagName(name, tag),
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(created === undefined ? {} : { creationTimestamp: created }),
      ...(labels === undefined ? {} : { labels }),
      ...(spec?.annotations ? { annotations: spec.annotations } : {}),
    },
    tag: spec,
    generation: event?.generation ?? 0,
    lookupPolicy: stream.spec.lookupPolicy,
    ...(conditions === undefined ? {} : { conditions }),
    image: imageOfTag(
      event === undefined ? undefined : image,
      event?.image ?? '',
      event === undefined ? '' : pullSpec(stream, tag, event),
      spec?.annotations,
    ),
  }
}

/** Items of a list: every tag with an image, by name, without kind and apiVersion. */
export function listStreamTags(stream: ImageStream): ImageStreamTag[] {
  return statusTags(stream)
    .filter(({ tag }) => currentImageName(stream, tag) !== undefined)
    .map(({ tag }) => {
      const { kind, apiVersion, ...item } = toStreamTag(stream, tag)
      return item
    })
}
