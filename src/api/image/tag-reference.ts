import {
  always,
  goBool,
  goString,
  int64,
  omit,
  orNull,
  pointer,
  type Static,
  stringMap,
  struct,
} from '../../machinery/index.ts'

export const objectReferenceSchema = struct(
  'ObjectReference',
  {
    kind: omit(goString(), { description: 'Kind of the object referred to.' }),
    namespace: omit(goString(), {
      description: 'Namespace of the object; empty means that of the referring object.',
    }),
    name: omit(goString(), { description: 'Name of the object.' }),
    uid: omit(goString({ goType: 'types.UID' }), {
      description: 'UID of the object. Kept, never looked at.',
    }),
    apiVersion: omit(goString(), { description: 'API version of the object. Kept, never looked at.' }),
    resourceVersion: omit(goString(), { description: 'Version of the object. Kept, never looked at.' }),
    fieldPath: omit(goString(), { description: 'Part of the object. Kept, never looked at.' }),
  },
  { 'x-kubernetes-map-type': 'atomic', description: 'Names another object.' },
)
export type ObjectReference = Static<typeof objectReferenceSchema>

export const tagImportPolicySchema = struct(
  'TagImportPolicy',
  {
    insecure: omit(goBool(), {
      description: 'Allows certificates that cannot be verified, and plain HTTP, while importing.',
    }),
    scheduled: omit(goBool(), {
      description: 'Asks the registry again from time to time whether the tag has moved.',
    }),
    importMode: omit(goString({ goType: 'v1.ImportModeType' }), {
      description:
        'What to do with a manifest list: Legacy imports the one image that suits the server, PreserveOriginal the list and all that it names.',
    }),
  },
  { description: 'How a tag is imported.' },
)
export type TagImportPolicy = Static<typeof tagImportPolicySchema>

export const tagReferencePolicySchema = struct(
  'TagReferencePolicy',
  {
    type: always(goString({ goType: 'v1.TagReferencePolicyType' }), {
      description:
        'Source: pull specifications name where the image came from. Local: they name the integrated registry.',
    }),
  },
  { description: 'Which address users of the tag are told to pull from.' },
)
export type TagReferencePolicy = Static<typeof tagReferencePolicySchema>

export const imageLookupPolicySchema = struct(
  'ImageLookupPolicy',
  {
    local: always(goBool(), {
      description: 'Lets plain image names in pods of the namespace resolve to tags of this stream.',
    }),
  },
  { description: 'Whether names in workloads may mean this stream.' },
)
export type ImageLookupPolicy = Static<typeof imageLookupPolicySchema>

export const tagReferenceSchema = struct(
  'TagReference',
  {
    name: always(goString(), { description: 'Name of the tag.' }),
    annotations: orNull(stringMap(), {
      mandatory: false,
      emptyIsNull: true,
      description:
        'Free remarks about the tag; catalogues read some of them, such as its description and icon.',
    }),
    from: pointer(objectReferenceSchema, {
      description:
        'What the tag points at: an ImageStreamTag, an ImageStreamImage or a DockerImage. Without it the tag is filled by pushes alone.',
    }),
    reference: omit(goBool(), {
      description: 'The tag is only a name for its source: nothing is ever imported for it.',
    }),
    generation: orNull(int64(), {
      mandatory: false,
      description: 'Generation of the stream in which the tag last changed; 0 asks for an import.',
    }),
    importPolicy: always(tagImportPolicySchema, {
      mandatory: false,
      description: 'How the tag is imported.',
    }),
    referencePolicy: always(tagReferencePolicySchema, {
      mandatory: false,
      description: 'How users of the tag are told to pull it.',
    }),
  },
  { description: 'What a tag should be.' },
)
/** One entry of `spec.tags`. */
export type TagReference = Static<typeof tagReferenceSchema>

/** The values that `importPolicy.importMode` may have. */
export type ImportMode = 'Legacy' | 'PreserveOriginal'
export const importModes: readonly string[] = ['Legacy', 'PreserveOriginal']

/** An import mode left empty becomes the configured one (image-api.md §4.1). */
export function canonicalImportPolicy(
  policy: TagImportPolicy | undefined,
  defaultMode: ImportMode,
): TagImportPolicy {
  const importMode = policy?.importMode
  return { ...policy, importMode: importMode === undefined || importMode === '' ? defaultMode : importMode }
}

export function canonicalReferencePolicy(policy: TagReferencePolicy | undefined): TagReferencePolicy {
  const type = policy?.type
  return { type: type === undefined || type === '' ? 'Source' : type }
}

/** Whether nothing is left to fill in: of nearly all tags that were stored. */
function isCanonical({ annotations, generation, importPolicy, referencePolicy }: TagReference): boolean {
  const isFilled = generation !== undefined && importPolicy?.importMode && referencePolicy?.type
  return Boolean(isFilled) && (annotations === null || (annotations !== undefined && hasFields(annotations)))
}

function hasFields(map: object): boolean {
  for (const _field in map) return true
  return false
}

/** Fills in the defaults that every decode applies, from storage too (image-api.md §4.1). The same tag where it has them. */
export function canonicalTagReference(tag: TagReference, defaultMode: ImportMode): TagReference {
  if (isCanonical(tag)) return tag
  const annotations = tag.annotations ?? {}
  return {
    ...tag,
    annotations: Object.keys(annotations).length === 0 ? null : annotations,
    generation: tag.generation ?? null,
    importPolicy: canonicalImportPolicy(tag.importPolicy, defaultMode),
    referencePolicy: canonicalReferencePolicy(tag.referencePolicy),
  }
}
