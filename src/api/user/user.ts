import { defineKind } from '../../machinery/kind.ts'
import { objectSchema } from '../../machinery/meta-schema.ts'
import { goString, list, omit, orNull, type Static } from '../../machinery/schema.ts'
import { nameColumn } from '../../machinery/table.ts'
import { textColumn } from '../common/columns.ts'
import { plainHooks } from '../common/plain-hooks.ts'
import { identityNameErrors, userNameProblems } from './user-names.ts'

export const userSchema = objectSchema(
  'User',
  {
    fullName: omit(goString({ description: 'Name for people.' })),
    groups: orNull(list(goString(), { description: 'Not in use: groups list their users.' })),
    identities: orNull(list(goString(), { description: 'Identities that log in as this user.' })),
  },
  { schemaName: 'com.github.openshift.api.user.v1.User', description: 'Someone who has logged in.' },
)
export type User = Static<typeof userSchema>

export const users = defineKind<User>({
  group: 'user.openshift.io',
  version: 'v1',
  kind: 'User',
  plural: 'users',
  namespaced: false,
  storageVersionHash: 'Hbwv6GYPwoQ=',
  requiresResourceVersion: true,
  schema: userSchema,
  schemaName: 'com.github.openshift.api.user.v1.User',
  columns: [
    nameColumn,
    textColumn('UID', 'Its uid.', (user) => user.metadata.uid ?? ''),
    textColumn('Full Name', 'Its name for people.', (user) => user.fullName ?? ''),
    textColumn('Identities', 'Identities that log in as it.', (user) => (user.identities ?? []).join(', ')),
  ],
  hooks: plainHooks<User>({
    validate: (user) => identityNameErrors(user.identities ?? [], 'identities'),
    validateName: userNameProblems,
  }),
})
