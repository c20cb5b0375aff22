import type { FieldError } from '../../machinery/errors.ts'
import { defineKind } from '../../machinery/kind.ts'
import { objectSchema } from '../../machinery/meta-schema.ts'
import { always, goString, omit, type Static, stringMap } from '../../machinery/schema.ts'
import { nameColumn } from '../../machinery/table.ts'
import { textColumn } from '../common/columns.ts'
import { immutable, invalidValue, required } from '../common/field-errors.ts'
import { plainHooks } from '../common/plain-hooks.ts'
import { objectReferenceSchema } from '../core/object-reference.ts'
import { identityNameProblems } from './user-names.ts'

export const identitySchema = objectSchema(
  'Identity',
  {
    extra: omit(stringMap()),
    providerName: always(goString({ description: 'The identity provider.' })),
    providerUserName: always(goString({ description: 'Name there.' })),
    user: always(objectReferenceSchema, { description: 'The user that it logs in as.' }),
  },
  {
    schemaName: 'com.github.openshift.api.user.v1.Identity',
    description: 'Someone as an identity provider knows them.',
  },
)
export type Identity = Static<typeof identitySchema>

function validate({ metadata, providerName, providerUserName, user }: Identity): FieldError[] {
  const errors: FieldError[] = []
  if (providerName === '') errors.push(required('providerName'))
  if (providerUserName === '') errors.push(required('providerUserName'))
  const expected = `${providerName}:${providerUserName}`
  if (errors.length === 0 && metadata.name !== expected) {
    errors.push(invalidValue('metadata.name', metadata.name, `must be ${expected}`))
  }
  if (user.name && !user.uid)
    errors.push(invalidValue('user.uid', '', 'user uid must be set if user name is set'))
  return errors
}

export const identities = defineKind<Identity>({
  group: 'user.openshift.io',
  version: 'v1',
  kind: 'Identity',
  plural: 'identities',
  namespaced: false,
  storageVersionHash: '/S8uaPXlz9c=',
  requiresResourceVersion: true,
  schema: identitySchema,
  schemaName: 'com.github.openshift.api.user.v1.Identity',
  columns: [
    nameColumn,
    textColumn('IDP Name', 'Who vouches for it.', (identity) => identity.providerName),
    textColumn('IDP User Name', 'Its name there.', (identity) => identity.providerUserName),
    textColumn('User Name', 'The user that it logs in as.', (identity) => identity.user.name ?? ''),
    textColumn('User UID', 'Uid of that user.', (identity) => identity.user.uid ?? ''),
  ],
  hooks: plainHooks<Identity>({
    validate,
    validateChange: (next, old) => [
      ...immutable('providerName', next.providerName, old.providerName),
      ...immutable('providerUserName', next.providerUserName, old.providerUserName),
    ],
    validateName: identityNameProblems,
  }),
})
