import { defineKind } from '../../machinery/kind.ts'
import { objectSchema } from '../../machinery/meta-schema.ts'
import { goString, list, orNull, type Static } from '../../machinery/schema.ts'
import { nameColumn } from '../../machinery/table.ts'
import { textColumn } from '../common/columns.ts'
import { problemsAt, required } from '../common/field-errors.ts'
import { plainHooks } from '../common/plain-hooks.ts'
import { groupNameProblems, userNameProblems } from './user-names.ts'

export const groupSchema = objectSchema(
  'Group',
  {
    users: orNull(list(goString(), { description: 'Names of the members.' })),
  },
  { schemaName: 'com.github.openshift.api.user.v1.Group', description: 'A set of users.' },
)
export type Group = Static<typeof groupSchema>

export const groups = defineKind<Group>({
  group: 'user.openshift.io',
  version: 'v1',
  kind: 'Group',
  plural: 'groups',
  namespaced: false,
  storageVersionHash: 'YhnYEx+IpBw=',
  requiresResourceVersion: true,
  schema: groupSchema,
  schemaName: 'com.github.openshift.api.user.v1.Group',
  columns: [nameColumn, textColumn('Users', 'Its members.', (group) => (group.users ?? []).join(', '))],
  hooks: plainHooks<Group>({
    validate: (group) =>
      (group.users ?? []).flatMap((name, index) =>
        name === ''
          ? [required(`users[${index}]`)]
          : problemsAt(`users[${index}]`, name, userNameProblems(name)),
      ),
    validateName: groupNameProblems,
  }),
})
