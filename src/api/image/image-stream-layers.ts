import {
  always,
  defineKind,
  goBool,
  goString,
  int64,
  list,
  map,
  objectSchema,
  omit,
  orNull,
  type Static,
  struct,
} from '../../machinery/index.ts'
import { imageSchemaName, inImageGroup } from './group.ts'

const imageLayerDataSchema = struct('ImageLayerData', {
  size: orNull(int64(), { description: 'Bytes; null for manifests and configs.' }),
  mediaType: always(goString(), { description: 'Media type of the blob.' }),
})
export type ImageLayerData = Static<typeof imageLayerDataSchema>

const imageBlobReferencesSchema = struct('ImageBlobReferences', {
  imageMissing: always(goBool(), {
    mandatory: false,
    description: 'The stream names the image, but there is no such Image.',
  }),
  layers: orNull(list(goString()), {
    mandatory: false,
    description: 'Digests of the layers, base first.',
  }),
  config: orNull(goString(), {
    mandatory: false,
    description: 'Digest of the config.',
  }),
  manifests: omit(list(goString()), { description: 'Digests of what a manifest list names.' }),
})
export type ImageBlobReferences = Static<typeof imageBlobReferencesSchema>

export const imageStreamLayersSchema = objectSchema(
  'ImageStreamLayers',
  {
    blobs: always(map(imageLayerDataSchema), { description: 'Every blob of every image, by digest.' }),
    images: always(map(imageBlobReferencesSchema), { description: 'Every image in the history, by name.' }),
  },
  {
    schemaName: imageSchemaName('ImageStreamLayers'),
    description: 'All blobs that the images of a stream consist of.',
  },
)
export type ImageStreamLayers = Static<typeof imageStreamLayersSchema>

/** Served only as `imagestreams/layers`. */
export const imageStreamLayers = defineKind<ImageStreamLayers>({
  ...inImageGroup,
  kind: 'ImageStreamLayers',
  plural: 'imagestreams/layers',
  singular: '',
  namespaced: true,
  verbs: ['get'],
  schema: imageStreamLayersSchema,
  schemaName: imageSchemaName('ImageStreamLayers'),
  stored: false,
})
