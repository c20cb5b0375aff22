import { defineKind, nameColumn, objectSchema, orNull, type Static } from '../../machinery/index.ts'
import { textColumn } from './columns.ts'
import { imageSchemaName, inImageGroup } from './group.ts'
import { canonicalImage, imageSchema } from './image.ts'
import { canonicalStatusTags } from './image-stream.ts'
import { imageTagCells } from './image-tag-cells.ts'
import { namedTagEventListSchema } from './tag-event.ts'
import { canonicalTagReference, type ImportMode, tagReferenceSchema } from './tag-reference.ts'

export const imageTagSchema = objectSchema(
  'ImageTag',
  {
    spec: orNull(tagReferenceSchema, {
      description: 'What the tag should be; null where only pushes filled it.',
    }),
    status: orNull(namedTagEventListSchema, {
      description: 'The history of the tag; null where it has none.',
    }),
    image: orNull(imageSchema, { description: 'The current image; null in lists, and where there is none.' }),
  },
  { description: 'One tag of a stream with spec and history. Named <stream>:<tag>.' },
)
export type ImageTag = Static<typeof imageTagSchema>

/** What every decode makes of it: the defaults of its parts. */
export function canonicalImageTag(itag: ImageTag, defaultMode: ImportMode = 'Legacy'): ImageTag {
  return {
    ...itag,
    metadata: itag.metadata ?? {},
    spec: itag.spec ? canonicalTagReference(itag.spec, defaultMode) : null,
    status: itag.status ? (canonicalStatusTags([itag.status])[0] ?? null) : null,
    image: itag.image ? canonicalImage(itag.image) : null,
  }
}

export const imageTags = defineKind<ImageTag>({
  ...inImageGroup,
  kind: 'ImageTag',
  plural: 'imagetags',
  shortNames: ['itag'],
  namespaced: true,
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update'],
  schema: imageTagSchema,
  schemaName: imageSchemaName('ImageTag'),
  stored: false,
  columns: [
    nameColumn,
    textColumn({
      name: 'Spec',
      description:
        'spec is the spec tag associated with this image stream tag, and it may be null if only pushes have occurred to this image stream.',
      value: (itag, now) => imageTagCells(itag, now).spec,
    }),
    textColumn({
      name: 'Status',
      description:
        'status is the status tag details associated with this image stream tag, and it may be null if no push or import has been performed.',
      value: (itag, now) => imageTagCells(itag, now).status,
    }),
    {
      name: 'History',
      type: 'number',
      description: 'Number of history entries',
      value: (itag, now) => imageTagCells(itag, now).history,
    },
    textColumn({
      name: 'Updated',
      description: 'Last updated at',
      value: (itag, now) => imageTagCells(itag, now).updated,
    }),
  ],
})
