import type { FieldError } from '../../machinery/index.ts'
import {
  always,
  bytes,
  defineKind,
  goString,
  list,
  mergeBy,
  objectSchema,
  omit,
  pathSegmentProblems,
  pointer,
  type Static,
  stringMap,
  struct,
  time,
} from '../../machinery/index.ts'
import { imageSchemaName, inImageGroup } from './group.ts'

const signatureConditionSchema = struct('SignatureCondition', {
  type: always(goString({ goType: 'v1.SignatureConditionType' }), {
    description: 'Trusted, ForImage, Expired or Revoked.',
  }),
  status: always(goString({ goType: 'v1.ConditionStatus' }), { description: 'True, False or Unknown.' }),
  lastProbeTime: pointer(time(), { description: 'When the condition was last checked.' }),
  lastTransitionTime: pointer(time(), { description: 'When the status last changed.' }),
  reason: omit(goString(), { description: 'One word for why.' }),
  message: omit(goString(), { description: 'Why, for people.' }),
})

const issuerFields = {
  organization: omit(goString(), { description: 'Organisation.' }),
  commonName: omit(goString(), { description: 'Common name, e.g. an e-mail address.' }),
}

export const imageSignatureSchema = objectSchema(
  'ImageSignature',
  {
    type: always(goString(), { description: 'Kind of the signature, e.g. AtomicImageV1.' }),
    content: always(bytes(), { description: 'The signature itself.' }),
    conditions: omit(list(signatureConditionSchema, mergeBy('type')), {
      description: 'What is known of its validity.',
    }),
    imageIdentity: omit(goString(), { description: 'What the signature says it signs.' }),
    signedClaims: omit(stringMap(), { description: 'Further claims that are signed.' }),
    created: pointer(time(), { description: 'When it was made.' }),
    issuedBy: pointer(struct('SignatureIssuer', issuerFields), {
      description: 'Who issued the certificate or key.',
    }),
    issuedTo: pointer(
      struct('SignatureSubject', {
        ...issuerFields,
        publicKeyID: always(goString(), { description: 'Public key that verifies the signature.' }),
      }),
      { description: 'Whose certificate or key it is.' },
    ),
  },
  {
    description: 'A signature over an image. Named <image name>@<signature name>; it lives inside its Image.',
  },
)
export type ImageSignature = Static<typeof imageSignatureSchema>

const verifiedFields = ['imageIdentity', 'signedClaims', 'issuedBy', 'issuedTo'] as const

function isSet(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0
  return value !== undefined && value !== null && value !== ''
}

function conditionErrors(signature: ImageSignature, prefix: string): FieldError[] {
  const conditions = signature.conditions ?? []
  const trusted = conditions.find((condition) => condition.type === 'Trusted')
  const forImage = conditions.find((condition) => condition.type === 'ForImage')
  const errors: FieldError[] = []
  const missing = (type: string): void => {
    const detail = `missing "${type}" condition type`
    errors.push({ type: 'Invalid value', field: `${prefix}conditions`, value: conditions, detail })
  }
  if (trusted !== undefined && forImage === undefined) missing('ForImage')
  if (forImage !== undefined && trusted === undefined) missing('Trusted')
  if (trusted !== undefined && trusted.status !== 'Unknown') return errors
  for (const name of verifiedFields) {
    if (!isSet(signature[name])) continue
    const detail = 'must be unset for unknown signature state'
    errors.push({ type: 'Invalid value', field: `${prefix}${name}`, value: signature[name], detail })
  }
  return errors
}

/** image-api.md §5.5. `prefix` is '' or e.g. `signatures[0].`. */
export function validateImageSignature(signature: ImageSignature, prefix = ''): FieldError[] {
  const errors: FieldError[] = []
  const { labels, annotations, name = '' } = signature.metadata
  if (isSet(labels)) {
    errors.push({
      type: 'Forbidden',
      field: `${prefix}metadata.labels`,
      detail: 'signature labels cannot be set',
    })
  }
  if (isSet(annotations)) {
    const detail = 'signature annotations cannot be set'
    errors.push({ type: 'Forbidden', field: `${prefix}metadata.annotations`, detail })
  }
  if (splitSignatureName(name) === undefined) {
    const detail = 'name must be of format <imageName>@<signatureName>'
    errors.push({ type: 'Invalid value', field: `${prefix}metadata.name`, value: name, detail })
  }
  if (!isSet(signature.type)) errors.push({ type: 'Required value', field: `${prefix}type` })
  if (!isSet(signature.content)) errors.push({ type: 'Required value', field: `${prefix}content` })
  return [...errors, ...conditionErrors(signature, prefix)]
}

/** `<image>@<signature>`, both parts non-empty; undefined for any other form. */
export function splitSignatureName(name: string): { image: string; signature: string } | undefined {
  const [image, signature, ...rest] = name.split('@')
  return image && signature && rest.length === 0 ? { image, signature } : undefined
}

/** Clears what only the server may say of a signature (image-api.md §10.3). */
export function withoutVerification(signature: ImageSignature): ImageSignature {
  const { conditions, imageIdentity, signedClaims, created, issuedBy, issuedTo, ...rest } = signature
  return rest
}

export const imageSignatures = defineKind<ImageSignature>({
  ...inImageGroup,
  legacy: true,
  kind: 'ImageSignature',
  plural: 'imagesignatures',
  namespaced: false,
  verbs: ['create', 'delete'],
  schema: imageSignatureSchema,
  schemaName: imageSchemaName('ImageSignature'),
  stored: false,
  hooks: {
    prepareCreate: withoutVerification,
    validateCreate: (next) => validateImageSignature(next),
    validateName: pathSegmentProblems,
  },
})
