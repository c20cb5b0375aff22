import {
  always,
  defineKind,
  type FieldError,
  goString,
  objectSchema,
  pathSegmentProblems,
  type Static,
  validateObjectMeta,
} from '../../machinery/index.ts'
import { imageSchemaName, inImageGroup } from './group.ts'
import { canonicalImage, imageSchema, validateImage } from './image.ts'

export const imageStreamMappingSchema = objectSchema(
  'ImageStreamMapping',
  {
    image: always(imageSchema, { description: 'The image; stored if it is new.' }),
    tag: always(goString(), { description: 'The tag that the image becomes.' }),
  },
  {
    description:
      'Says that an image now stands behind a tag of the stream of this name: how a push is recorded.',
  },
)
export type ImageStreamMapping = Static<typeof imageStreamMappingSchema>

export function canonicalImageStreamMapping(mapping: ImageStreamMapping): ImageStreamMapping {
  return {
    ...mapping,
    metadata: mapping.metadata ?? {},
    image: canonicalImage(mapping.image ?? { metadata: {} }),
    tag: mapping.tag ?? '',
  }
}

/** image-api.md §5.6, the mapping's own metadata excepted; the image's reference is taken as defaulted already. */
export function validateImageStreamMapping({ image, tag }: ImageStreamMapping): FieldError[] {
  const tagErrors: FieldError[] = tag === '' ? [{ type: 'Required value', field: 'tag' }] : []
  const rules = { namespaced: false, nameRule: pathSegmentProblems }
  return [
    ...tagErrors,
    ...validateObjectMeta(image.metadata, rules, 'image.metadata'),
    ...validateImage(image, 'image.'),
  ]
}

export const imageStreamMappings = defineKind<ImageStreamMapping>({
  ...inImageGroup,
  legacy: true,
  kind: 'ImageStreamMapping',
  plural: 'imagestreammappings',
  namespaced: true,
  verbs: ['create'],
  schema: imageStreamMappingSchema,
  schemaName: imageSchemaName('ImageStreamMapping'),
  stored: false,
  hooks: { validateCreate: validateImageStreamMapping, validateName: pathSegmentProblems },
})
