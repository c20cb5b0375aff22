import {
  type Image,
  type ImageStream,
  type ImageStreamImage,
  type ImageStreamLayers,
  imageApiVersion,
} from '../api/image/index.ts'
import { badRequest, notFound } from '../machinery/index.ts'
import { withoutText } from './stream-tag.ts'
import { matchesImage, parseStreamImageName, type StreamImageName } from './virtual-name.ts'

/** Images as parts of a stream (image-api.md §13.1). */

/** Throws BadRequest for anything but `<stream>@<id>`. */
export function readStreamImageName(name: string): StreamImageName {
  const parsed = parseStreamImageName(name)
  if (parsed === undefined) throw badRequest('ImageStreamImages must be retrieved with <name>@<id>')
  return parsed
}

/** The image of a stream, parts of manifest lists included, that an id means; of several the first. Throws NotFound. */
export function requireStreamImage(layers: ImageStreamLayers, { stream, id }: StreamImageName): string {
  const image = Object.keys(layers.images).find((name) => matchesImage(name, id))
  if (image === undefined) {
    throw notFound({ group: 'image.openshift.io', resource: 'imagestreamimage' }, `${stream}@${id}`)
  }
  return image
}

/** The view of an image; `id` is written as it was asked for. */
export function toStreamImage(stream: ImageStream, id: string, image: Image): ImageStreamImage {
  const { name = '', namespace, annotations } = stream.metadata
  const { creationTimestamp } = image.metadata
  return {
    kind: 'ImageStreamImage',
    apiVersion: imageApiVersion,
    metadata: {
      name: `${name}@${id}`,
      ...(namespace === undefined ? {} : { namespace }),
      ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
      ...(annotations === undefined ? {} : { annotations }),
    },
    image: withoutText(image),
  }
}
