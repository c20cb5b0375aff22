import { defineKind } from '../../machinery/kind.ts'
import { objectSchema } from '../../machinery/meta-schema.ts'
import { list, orNull, type Static } from '../../machinery/schema.ts'
import { nameColumn } from '../../machinery/table.ts'
import { policyRuleSchema } from './policy-rule.ts'

export const roleSchema = objectSchema(
  'Role',
  {
    rules: orNull(list(policyRuleSchema, { description: 'The rules.' })),
  },
  {
    schemaName: 'com.github.openshift.api.authorization.v1.Role',
    description: 'Rules about what may be done in one namespace.',
  },
)
export type Role = Static<typeof roleSchema>

/** A view of the RBAC kind of the same name. */
export const openshiftRoles = defineKind<Role>({
  group: 'authorization.openshift.io',
  version: 'v1',
  kind: 'Role',
  plural: 'roles',
  namespaced: true,
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update'],
  stored: false,
  schema: roleSchema,
  schemaName: 'com.github.openshift.api.authorization.v1.Role',
  columns: [nameColumn],
})
