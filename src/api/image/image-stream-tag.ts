import {
  always,
  defineKind,
  formatLongAgeSince,
  int64,
  list,
  nameColumn,
  objectSchema,
  omit,
  orNull,
  type Static,
} from '../../machinery/index.ts'
import { referenceDescription, textColumn, updatedDescription } from './columns.ts'
import { imageSchemaName, inImageGroup } from './group.ts'
import { canonicalImage, imageSchema } from './image.ts'
import { tagEventConditionSchema } from './tag-event.ts'
import {
  canonicalTagReference,
  type ImportMode,
  imageLookupPolicySchema,
  tagReferenceSchema,
} from './tag-reference.ts'

export const imageStreamTagSchema = objectSchema(
  'ImageStreamTag',
  {
    tag: orNull(tagReferenceSchema, { description: 'The spec tag; null where only pushes filled the tag.' }),
    generation: always(int64(), { description: 'Generation of the newest event; 0 where there is none.' }),
    lookupPolicy: always(imageLookupPolicySchema, { description: 'That of the stream.' }),
    conditions: omit(list(tagEventConditionSchema), {
      description: 'What went wrong with the tag, if anything did.',
    }),
    image: always(imageSchema, { description: 'The image that the tag stands for.' }),
  },
  { description: 'One tag of a stream with its current image. Named <stream>:<tag>.' },
)
export type ImageStreamTag = Static<typeof imageStreamTagSchema>

/** What every decode makes of it: the defaults of its parts. */
export function canonicalImageStreamTag(
  istag: ImageStreamTag,
  defaultMode: ImportMode = 'Legacy',
): ImageStreamTag {
  return {
    ...istag,
    metadata: istag.metadata ?? {},
    tag: istag.tag ? canonicalTagReference(istag.tag, defaultMode) : null,
    generation: istag.generation ?? 0,
    lookupPolicy: { local: istag.lookupPolicy?.local ?? false },
    image: canonicalImage(istag.image ?? { metadata: {} }),
  }
}

export const imageStreamTags = defineKind<ImageStreamTag>({
  ...inImageGroup,
  legacy: true,
  kind: 'ImageStreamTag',
  plural: 'imagestreamtags',
  shortNames: ['istag'],
  namespaced: true,
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update'],
  schema: imageStreamTagSchema,
  schemaName: imageSchemaName('ImageStreamTag'),
  stored: false,
  columns: [
    nameColumn,
    textColumn({
      name: 'Image Reference',
      description: referenceDescription,
      value: ({ image }) => image.dockerImageReference ?? '',
    }),
    textColumn({
      name: 'Updated',
      description: updatedDescription,
      value: ({ metadata }, now) => formatLongAgeSince(metadata.creationTimestamp, now),
    }),
    textColumn({
      name: 'Image Name',
      description: 'image associated with the ImageStream and tag.',
      priority: 1,
      value: ({ image }) => image.metadata.name ?? '',
    }),
  ],
})
