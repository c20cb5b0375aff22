import type { Kind } from '../../machinery/index.ts'
import { images } from './image.ts'
import { imageSignatures } from './image-signature.ts'
import { imageStreams } from './image-stream.ts'
import { imageStreamImages } from './image-stream-image.ts'
import { imageStreamImports } from './image-stream-import.ts'
import { imageStreamMappings } from './image-stream-mapping.ts'
import { imageStreamTags } from './image-stream-tag.ts'
import { imageTags } from './image-tag.ts'

export * from './annotations.ts'
export { compareBytes } from './compare-bytes.ts'
export type { DockerConfig, DockerImage } from './docker-image.ts'
export { canonicalDockerImage, dockerImageFromConfig, emptyDockerImage } from './docker-image.ts'
export { imageApiVersion, imageGroup, imageResource, imageVersion } from './group.ts'
export type { Image, ImageLayer, ImageManifestEntry } from './image.ts'
export { canonicalImage, dockerImageOf, emptyImage, imageSchema, images, validateImage } from './image.ts'
export type { ImageWriteContext } from './image-metadata.ts'
export {
  fillImageMetadata,
  manifestEntries,
  prepareImageCreate,
  prepareImageUpdate,
} from './image-metadata.ts'
export type { ImageSignature } from './image-signature.ts'
export {
  imageSignatureSchema,
  imageSignatures,
  splitSignatureName,
  validateImageSignature,
  withoutVerification,
} from './image-signature.ts'
export type { ImageStream } from './image-stream.ts'
export {
  canonicalImageStream,
  canonicalSpecTags,
  canonicalStatusTags,
  canonicalStreamStatus,
  imageStreamSchema,
  imageStreams,
  streamNameProblems,
} from './image-stream.ts'
export type { ImageStreamImage } from './image-stream-image.ts'
export { imageStreamImageSchema, imageStreamImages } from './image-stream-image.ts'
export type {
  ImageImportSpec,
  ImageImportStatus,
  ImageStreamImport,
  ImportResultStatus,
  RepositoryImportSpec,
  RepositoryImportStatus,
} from './image-stream-import.ts'
export {
  canonicalImageStreamImport,
  imageStreamImportSchema,
  imageStreamImports,
  validateImageStreamImport,
} from './image-stream-import.ts'
export type { ImageBlobReferences, ImageLayerData, ImageStreamLayers } from './image-stream-layers.ts'
export { imageStreamLayers, imageStreamLayersSchema } from './image-stream-layers.ts'
export type { ImageStreamMapping } from './image-stream-mapping.ts'
export {
  canonicalImageStreamMapping,
  imageStreamMappingSchema,
  imageStreamMappings,
  validateImageStreamMapping,
} from './image-stream-mapping.ts'
export type { ImageStreamTag } from './image-stream-tag.ts'
export { canonicalImageStreamTag, imageStreamTagSchema, imageStreamTags } from './image-stream-tag.ts'
export type { ImageTag } from './image-tag.ts'
export { canonicalImageTag, imageTagSchema, imageTags } from './image-tag.ts'
export type { PullSecret } from './secret-list.ts'
export { isPullSecret, secretListSchema, toSecretList } from './secret-list.ts'
export type { NamedTagEventList, TagEvent, TagEventCondition } from './tag-event.ts'
export { importSuccess } from './tag-event.ts'
export type {
  ImageLookupPolicy,
  ImportMode,
  ObjectReference,
  TagImportPolicy,
  TagReference,
  TagReferencePolicy,
} from './tag-reference.ts'
export { canonicalTagReference, importModes } from './tag-reference.ts'

/** The kinds of image.openshift.io/v1 that have a path of their own. */
export const imageKinds: readonly Kind[] = [
  images,
  imageSignatures,
  imageStreamImages,
  imageStreamImports,
  imageStreamMappings,
  imageStreams,
  imageStreamTags,
  imageTags,
]
