import {
  always,
  defineKind,
  formatLongAgeSince,
  nameColumn,
  objectSchema,
  type Static,
} from '../../machinery/index.ts'
import { referenceDescription, textColumn, updatedDescription } from './columns.ts'
import { imageSchemaName, inImageGroup } from './group.ts'
import { imageSchema } from './image.ts'

export const imageStreamImageSchema = objectSchema(
  'ImageStreamImage',
  { image: always(imageSchema, { description: 'The image.' }) },
  { description: 'An image as part of a stream. Named <stream>@<image id>.' },
)
export type ImageStreamImage = Static<typeof imageStreamImageSchema>

export const imageStreamImages = defineKind<ImageStreamImage>({
  ...inImageGroup,
  legacy: true,
  kind: 'ImageStreamImage',
  plural: 'imagestreamimages',
  shortNames: ['isimage'],
  namespaced: true,
  verbs: ['get'],
  schema: imageStreamImageSchema,
  schemaName: imageSchemaName('ImageStreamImage'),
  stored: false,
  columns: [
    nameColumn,
    textColumn({
      name: 'Updated',
      description: updatedDescription,
      value: ({ metadata }, now) => formatLongAgeSince(metadata.creationTimestamp, now),
    }),
    textColumn({
      name: 'Image Reference',
      description: referenceDescription,
      priority: 1,
      value: ({ image }) => image.dockerImageReference ?? '',
    }),
    textColumn({
      name: 'Image Name',
      description: 'image associated with the ImageStream and image name.',
      priority: 1,
      value: ({ image }) => image.metadata.name ?? '',
    }),
  ],
})
