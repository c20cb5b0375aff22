import {
  always,
  defineKind,
  type FieldError,
  goBool,
  goString,
  int32,
  list,
  listMetaSchema,
  objectSchema,
  omit,
  pointer,
  type Static,
  struct,
} from '../../machinery/index.ts'
import { parseReference, referenceProblem } from '../../oci/index.ts'
import { imageSchemaName, inImageGroup } from './group.ts'
import { canonicalImage, imageSchema } from './image.ts'
import { canonicalImageStream, imageStreamSchema, streamNameProblems } from './image-stream.ts'
import {
  canonicalImportPolicy,
  canonicalReferencePolicy,
  type ImportMode,
  importModes,
  type ObjectReference,
  objectReferenceSchema,
  tagImportPolicySchema,
  tagReferencePolicySchema,
} from './tag-reference.ts'

const statusSchema = struct('Status', {
  kind: omit(goString()),
  apiVersion: omit(goString()),
  metadata: always(listMetaSchema),
  status: omit(goString(), { description: 'Success or Failure.' }),
  message: omit(goString(), { description: 'What happened, for people.' }),
  reason: omit(goString({ goType: 'v1.StatusReason' }), { description: 'What happened, in one word.' }),
  details: pointer(
    struct('StatusDetails', {
      name: omit(goString()),
      group: omit(goString()),
      kind: omit(goString()),
      uid: omit(goString({ goType: 'types.UID' })),
      causes: omit(
        list(
          struct('StatusCause', {
            reason: omit(goString({ goType: 'v1.CauseType' })),
            message: omit(goString()),
            field: omit(goString()),
          }),
        ),
      ),
      retryAfterSeconds: omit(int32()),
    }),
  ),
  code: omit(int32(), { description: 'HTTP status that fits.' }),
})
/** A `metav1.Status` inside another object. */
export type ImportResultStatus = Static<typeof statusSchema>

const commonSpec = {
  importPolicy: always(tagImportPolicySchema, { mandatory: false, description: 'How to import.' }),
  referencePolicy: always(tagReferencePolicySchema, {
    mandatory: false,
    description: 'How users of the tag will be told to pull it.',
  }),
  includeManifest: omit(goBool(), {
    description: 'Return manifest and config too, where nothing is stored.',
  }),
}

const imageImportSpecSchema = struct('ImageImportSpec', {
  from: always(objectReferenceSchema, { description: 'The image: kind DockerImage.' }),
  to: pointer(
    struct('LocalObjectReference', { name: omit(goString(), { description: 'Name of the tag.' }) }),
    {
      description: 'The tag to fill; the tag of the image where it is left out.',
    },
  ),
  ...commonSpec,
})
export type ImageImportSpec = Static<typeof imageImportSpecSchema>

const repositoryImportSpecSchema = struct('RepositoryImportSpec', {
  from: always(objectReferenceSchema, { description: 'The repository: kind DockerImage, without tag.' }),
  ...commonSpec,
})
export type RepositoryImportSpec = Static<typeof repositoryImportSpecSchema>

const imageImportStatusSchema = struct('ImageImportStatus', {
  status: always(statusSchema, { description: 'Whether it worked, and why not.' }),
  image: pointer(imageSchema, { description: 'The image found.' }),
  tag: omit(goString(), { description: 'The tag that was fetched; empty for a digest.' }),
  manifests: omit(list(imageSchema), { description: 'The images that a manifest list names.' }),
})
export type ImageImportStatus = Static<typeof imageImportStatusSchema>

const repositoryImportStatusSchema = struct('RepositoryImportStatus', {
  status: always(statusSchema, {
    mandatory: false,
    description: 'Whether the repository could be read, and all its tags.',
  }),
  images: omit(list(imageImportStatusSchema), { description: 'One entry a tag that was tried.' }),
  additionalTags: omit(list(goString()), { description: 'Tags that exist and were not tried.' }),
})
export type RepositoryImportStatus = Static<typeof repositoryImportStatusSchema>

export const imageStreamImportSchema = objectSchema(
  'ImageStreamImport',
  {
    spec: always(
      struct('ImageStreamImportSpec', {
        import: always(goBool(), { description: 'Store what is found; otherwise only tell.' }),
        repository: pointer(repositoryImportSpecSchema, {
          description: 'A repository to import all tags of.',
        }),
        images: omit(list(imageImportSpecSchema), { description: 'Single images to import.' }),
      }),
      { description: 'What to import.' },
    ),
    status: always(
      struct('ImageStreamImportStatus', {
        import: pointer(imageStreamSchema, { description: 'The stream after the import.' }),
        repository: pointer(repositoryImportStatusSchema, { description: 'What became of the repository.' }),
        images: omit(list(imageImportStatusSchema), {
          description: 'What became of each image, in their order.',
        }),
      }),
      { description: 'What came of it.' },
    ),
  },
  { description: 'Imports images into the stream of this name while the caller waits.' },
)
export type ImageStreamImport = Static<typeof imageStreamImportSchema>

function canonicalPolicies<T extends ImageImportSpec | RepositoryImportSpec>(
  spec: T,
  defaultMode: ImportMode,
): T {
  return {
    ...spec,
    importPolicy: canonicalImportPolicy(spec.importPolicy, defaultMode),
    referencePolicy: canonicalReferencePolicy(spec.referencePolicy),
  }
}

/** An image without `to` goes to the tag that its reference names, if it names one (import.md §2.1, step 1). */
function canonicalImageSpec(spec: ImageImportSpec, defaultMode: ImportMode): ImageImportSpec {
  const filled = canonicalPolicies(spec, defaultMode)
  const tag = parseReference(spec.from?.name ?? '')?.tag ?? ''
  return filled.to === undefined && tag !== '' ? { ...filled, to: { name: tag } } : filled
}

function canonicalImageStatus(status: ImageImportStatus): ImageImportStatus {
  return {
    ...status,
    ...(status.image === undefined ? {} : { image: canonicalImage(status.image) }),
    ...(status.manifests === undefined ? {} : { manifests: status.manifests.map(canonicalImage) }),
  }
}

function canonicalRepositoryStatus(status: RepositoryImportStatus): RepositoryImportStatus {
  return status.images === undefined ? status : { ...status, images: status.images.map(canonicalImageStatus) }
}

/** What every decode makes of it: defaults, also in what the status holds. */
export function canonicalImageStreamImport(
  request: ImageStreamImport,
  defaultMode: ImportMode = 'Legacy',
): ImageStreamImport {
  const { repository, images, ...spec } = request.spec
  const { status } = request
  return {
    ...request,
    spec: {
      ...spec,
      ...(repository === undefined ? {} : { repository: canonicalPolicies(repository, defaultMode) }),
      ...(images === undefined
        ? {}
        : { images: images.map((image) => canonicalImageSpec(image, defaultMode)) }),
    },
    status: {
      ...status,
      ...(status.import === undefined ? {} : { import: canonicalImageStream(status.import, defaultMode) }),
      ...(status.repository === undefined
        ? {}
        : { repository: canonicalRepositoryStatus(status.repository) }),
      ...(status.images === undefined ? {} : { images: status.images.map(canonicalImageStatus) }),
    },
  }
}

function sourceErrors(
  from: ObjectReference,
  path: string,
  nameErrors: (name: string) => FieldError[],
): FieldError[] {
  const { kind = '', name = '' } = from
  if (kind !== 'DockerImage') {
    return [
      { type: 'Invalid value', field: `${path}.kind`, value: kind, detail: 'only DockerImage is supported' },
    ]
  }
  return nameErrors(name)
}

function importModeErrors(mode: string | undefined, path: string): FieldError[] {
  if (mode === undefined || mode === '' || importModes.includes(mode)) return []
  const detail = "invalid import mode, valid modes are '', 'Legacy', 'PreserveOriginal'"
  return [{ type: 'Invalid value', field: `${path}.importPolicy.importMode`, value: mode, detail }]
}

function imageErrors(spec: ImageImportSpec, path: string): FieldError[] {
  const field = `${path}.from.name`
  const errors = sourceErrors(spec.from, `${path}.from`, (name) => {
    const target = targetErrors(spec, path)
    if (name === '') return [...target, { type: 'Required value', field }]
    const detail = name === '*' ? undefined : referenceProblem(name)
    return detail === undefined ? target : [...target, { type: 'Invalid value', field, value: name, detail }]
  })
  return [...errors, ...importModeErrors(spec.importPolicy.importMode, path)]
}

function targetErrors({ to }: ImageImportSpec, path: string): FieldError[] {
  if (to === undefined || (to.name ?? '') !== '') return []
  const detail = 'the name of the target tag must be specified'
  return [{ type: 'Invalid value', field: `${path}.to.name`, value: '', detail }]
}

function repositoryErrors(spec: RepositoryImportSpec): FieldError[] {
  const path = 'spec.repository'
  const field = `${path}.from.name`
  const errors = sourceErrors(spec.from, `${path}.from`, (name) => {
    if (name === '') {
      return [{ type: 'Required value', field, detail: 'container image references require a name' }]
    }
    const reference = parseReference(name)
    if (reference === undefined) {
      return [{ type: 'Invalid value', field, value: name, detail: referenceProblem(name) ?? '' }]
    }
    if (reference.tag === '' && reference.id === '') return []
    const detail = 'you must specify an image repository, not a tag or ID'
    return [{ type: 'Invalid value', field, value: name, detail }]
  })
  return [...errors, ...importModeErrors(spec.importPolicy.importMode, path)]
}

/** image-api.md §5.9, the name excepted. */
export function validateImageStreamImport({ spec }: ImageStreamImport): FieldError[] {
  const { images = [], repository } = spec
  if (images.length === 0 && repository === undefined) {
    const detail = 'you must specify at least one image or a repository import'
    return [{ type: 'Invalid value', field: 'spec.images', value: null, detail }]
  }
  return [
    ...images.flatMap((image, index) => imageErrors(image, `spec.images[${index}]`)),
    ...(repository === undefined ? [] : repositoryErrors(repository)),
  ]
}

export const imageStreamImports = defineKind<ImageStreamImport>({
  ...inImageGroup,
  legacy: true,
  kind: 'ImageStreamImport',
  plural: 'imagestreamimports',
  namespaced: true,
  verbs: ['create'],
  schema: imageStreamImportSchema,
  schemaName: imageSchemaName('ImageStreamImport'),
  stored: false,
  hooks: { validateCreate: validateImageStreamImport, validateName: streamNameProblems },
})
