import type { FieldError } from '../../machinery/index.ts'
import {
  always,
  bytes,
  defineKind,
  goString,
  int64,
  list,
  mergeBy,
  metaUpdateErrors,
  nameColumn,
  objectSchema,
  omit,
  pathSegmentProblems,
  raw,
  type Static,
  struct,
} from '../../machinery/index.ts'
import { isMediaType, referenceProblem } from '../../oci/index.ts'
import { referenceDescription, textColumn } from './columns.ts'
import { canonicalDockerImage, type DockerImage } from './docker-image.ts'
import { imageSchemaName, inImageGroup } from './group.ts'
import { prepareImageCreate, prepareImageUpdate } from './image-metadata.ts'
import { imageSignatureSchema, validateImageSignature } from './image-signature.ts'

const imageLayerSchema = struct('ImageLayer', {
  name: always(goString(), { description: 'Digest of the layer.' }),
  size: always(int64(), { description: 'Bytes of the layer as it is stored.' }),
  mediaType: always(goString(), { description: 'Media type of the layer.' }),
})
export type ImageLayer = Static<typeof imageLayerSchema>

const imageManifestSchema = struct('ImageManifest', {
  digest: always(goString(), { description: 'Digest of the manifest; an Image of that name describes it.' }),
  mediaType: always(goString(), { description: 'Media type of the manifest.' }),
  manifestSize: always(int64(), { description: 'Bytes of the manifest.' }),
  architecture: always(goString(), { description: 'Processor architecture that it is for.' }),
  os: always(goString(), { description: 'Operating system that it is for.' }),
  variant: omit(goString(), { description: 'Variant of the architecture.' }),
})
export type ImageManifestEntry = Static<typeof imageManifestSchema>

export const imageSchema = objectSchema(
  'Image',
  {
    dockerImageReference: omit(goString(), { description: 'Where the image can be pulled from.' }),
    dockerImageMetadata: always(raw({ type: 'object', goType: 'runtime.RawExtension' }), {
      mandatory: false,
      'x-kubernetes-patch-strategy': 'replace',
      description: 'What the config of the image says: command, environment, labels and the like.',
    }),
    dockerImageMetadataVersion: always(goString(), {
      default: '1.0',
      mandatory: false,
      description: 'Version of the metadata: 1.0.',
    }),
    dockerImageManifest: omit(goString(), {
      description: 'The manifest as text, where the registry does not keep it.',
    }),
    dockerImageLayers: omit(list(imageLayerSchema), {
      description: 'The layers, base first. Empty for manifest lists.',
    }),
    signatures: omit(list(imageSignatureSchema, mergeBy('name')), {
      description: 'Signatures over the image.',
    }),
    dockerImageSignatures: omit(list(bytes()), { description: 'Signatures of schema 1 manifests.' }),
    dockerImageManifestMediaType: omit(goString(), { description: 'Media type of the manifest.' }),
    dockerImageConfig: omit(goString(), {
      description: 'The config as text, where the registry does not keep it.',
    }),
    dockerImageManifests: omit(list(imageManifestSchema), { description: 'What a manifest list names.' }),
  },
  { description: 'An image, named by the digest of its manifest, with what its manifest and config say.' },
)
export type Image = Static<typeof imageSchema>

/** The metadata, read through its type; an Image that came through {@link canonicalImage} holds just this. */
export function dockerImageOf(image: Image): DockerImage {
  return canonicalDockerImage(image.dockerImageMetadata)
}

/** What every decode makes of an Image: fixed metadata and its version (image-api.md §4.3). */
export function canonicalImage(image: Image): Image {
  return {
    ...image,
    metadata: image.metadata ?? {},
    dockerImageMetadata: canonicalDockerImage(image.dockerImageMetadata),
    dockerImageMetadataVersion: image.dockerImageMetadataVersion || '1.0',
  }
}

/** What projections show where there is no Image, or only its name (image-api.md §11.1, §11.3). */
export function emptyImage(): Image {
  return canonicalImage({ metadata: {} } as Image)
}

/** The digest shape that §5.4 looks for: anywhere in the text. */
const digestInText = /[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[a-zA-Z0-9=_-]+/

function manifestEntryErrors(entry: ImageManifestEntry, path: string): FieldError[] {
  const errors: FieldError[] = []
  const invalid = (field: string, value: unknown, detail: string): void => {
    errors.push({ type: 'Invalid value', field: `${path}.${field}`, value, detail })
  }
  if (!digestInText.test(entry.digest)) {
    invalid('digest', entry.digest, 'digest does not conform with OCI image specification')
  }
  if (!isMediaType(entry.mediaType)) {
    invalid('mediaType', entry.mediaType, 'media type does not conform to RFC6838')
  }
  if (entry.architecture === '') errors.push({ type: 'Required value', field: `${path}.architecture` })
  if (entry.os === '') errors.push({ type: 'Required value', field: `${path}.os` })
  if (entry.manifestSize < 0) invalid('size', entry.manifestSize, 'manifest size cannot be negative')
  return errors
}

function referenceErrors(reference: string, field: string): FieldError[] {
  if (reference === '') return [{ type: 'Required value', field }]
  const detail = referenceProblem(reference)
  return detail === undefined ? [] : [{ type: 'Invalid value', field, value: reference, detail }]
}

/** image-api.md §5.4, the metadata excepted. `prefix` is '' or e.g. `image.`. */
export function validateImage(image: Image, prefix = ''): FieldError[] {
  const errors: FieldError[] = []
  errors.push(...referenceErrors(image.dockerImageReference ?? '', `${prefix}dockerImageReference`))
  for (const [index, signature] of (image.signatures ?? []).entries()) {
    errors.push(...validateImageSignature(signature, `${prefix}signatures[${index}].`))
  }
  const manifests = image.dockerImageManifests ?? []
  for (const [index, entry] of manifests.entries()) {
    errors.push(...manifestEntryErrors(entry, `${prefix}dockerImageManifests[${index}]`))
  }
  const layers = image.dockerImageLayers ?? []
  if (manifests.length > 0 && layers.length > 0) {
    const detail = 'dockerImageLayers should not be set when dockerImageManifests is set'
    errors.push({ type: 'Invalid value', field: `${prefix}dockerImageLayers`, value: layers, detail })
  }
  return errors
}

export const images = defineKind<Image>({
  ...inImageGroup,
  legacy: true,
  kind: 'Image',
  plural: 'images',
  namespaced: false,
  requiresResourceVersion: true,
  storageVersionHash: 'FX/i8Tt+3Fc=',
  schema: imageSchema,
  schemaName: imageSchemaName('Image'),
  columns: [
    nameColumn,
    textColumn({
      name: 'Image Reference',
      description: referenceDescription,
      value: (image) => image.dockerImageReference ?? '',
    }),
  ],
  hooks: {
    defaults: canonicalImage,
    prepareCreate: (next, context) => prepareImageCreate(canonicalImage(next), context),
    prepareUpdate: (next, old, context) =>
      prepareImageUpdate(canonicalImage(next), canonicalImage(old), context),
    validateCreate: (next) => validateImage(next),
    validateUpdate: (next, old) => [
      ...metaUpdateErrors(next.metadata, old.metadata, { namespaced: false }).again,
      ...validateImage(next),
    ],
    validateName: pathSegmentProblems,
  },
})
