import { decodeBase64 } from '../../machinery/base64.ts'
import type { FieldError } from '../../machinery/errors.ts'
import { defineKind } from '../../machinery/kind.ts'
import { objectSchema } from '../../machinery/meta-schema.ts'
import {
  bytes,
  goBool,
  goString,
  map,
  omit,
  pointer,
  type Static,
  stringMap,
} from '../../machinery/schema.ts'
import { nameColumn } from '../../machinery/table.ts'
import { ageColumn, textColumn } from '../common/columns.ts'
import { dataKeyErrors, dataSizeErrors } from '../common/data-keys.ts'
import { forbiddenField, immutable } from '../common/field-errors.ts'
import { isSameJson } from '../common/same-json.ts'
import { encodeSecretText } from './encode-secret-text.ts'
import { secretTypeErrors } from './secret-type.ts'

export const secretSchema = objectSchema(
  'Secret',
  {
    type: omit(goString({ description: 'What it is for, which says what entries it must have.' })),
    data: omit(
      map(bytes(), { description: 'The entries, in base64. Keys consist of letters, digits, -, _ and .' }),
    ),
    immutable: pointer(goBool({ description: 'Forbids changes of the entries.' })),
    stringData: omit(
      stringMap({
        description: 'Entries as plain text, for writing: they go into data and are never read back.',
      }),
    ),
  },
  {
    schemaName: 'io.k8s.api.core.v1.Secret',
    description: 'Confidential entries, such as passwords, tokens and keys.',
  },
)
export type Secret = Static<typeof secretSchema>

/** `stringData` is a way to write `data`: it wins over it and is never read back. */
function withStringData(secret: Secret): Secret {
  const { stringData, ...rest } = secret
  const type = secret.type || 'Opaque'
  if (stringData === undefined || Object.keys(stringData).length === 0) return { ...rest, type }
  const written = Object.entries(stringData).map(([key, text]) => [key, encodeSecretText(text)] as const)
  return { ...rest, type, data: { ...rest.data, ...Object.fromEntries(written) } }
}

function validateSecret(secret: Secret): FieldError[] {
  const data = secret.data ?? {}
  return [
    ...dataKeyErrors(Object.keys(data), 'data'),
    ...dataSizeErrors(
      Object.values(data).map((text) => decodeBase64(text)?.length ?? 0),
      'data',
    ),
    ...secretTypeErrors(secret),
  ]
}

function validateChange(next: Secret, old: Secret): FieldError[] {
  const errors = immutable('type', next.type, old.type)
  if (!old.immutable) return errors
  const detail = 'field is immutable when `immutable` is set'
  if (!next.immutable) errors.push(forbiddenField('immutable', detail))
  if (!isSameJson(next.data ?? {}, old.data ?? {})) errors.push(forbiddenField('data', detail))
  return errors
}

export const secrets = defineKind<Secret>({
  group: '',
  version: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  namespaced: true,
  storageVersionHash: 'S6u1pOWzb84=',
  schema: secretSchema,
  schemaName: 'io.k8s.api.core.v1.Secret',
  columns: [
    nameColumn,
    textColumn('Type', 'What the secret is for.', (secret) => secret.type ?? ''),
    textColumn('Data', 'How many entries it has.', (secret) => Object.keys(secret.data ?? {}).length),
    ageColumn(),
  ],
  fieldSelectors: { type: (secret) => secret.type ?? '' },
  hooks: {
    defaults: withStringData,
    prepareCreate: withStringData,
    prepareUpdate: (next, old) => withStringData({ ...next, type: next.type || old.type }),
    validateCreate: validateSecret,
    validateUpdate: (next, old) => [...validateSecret(next), ...validateChange(next, old)],
  },
})
