import { defineKind } from '../../machinery/kind.ts'
import { objectSchema } from '../../machinery/meta-schema.ts'
import { pathSegmentProblems } from '../../machinery/names.ts'
import { atomic, list, orNull, type Static } from '../../machinery/schema.ts'
import { nameColumn } from '../../machinery/table.ts'
import { createdAtColumn } from '../common/columns.ts'
import { plainHooks } from '../common/plain-hooks.ts'
import { policyRuleSchema } from './policy-rule.ts'
import { policyRuleErrors } from './validate-policy-rule.ts'

export const roleSchema = objectSchema(
  'Role',
  {
    rules: orNull(list(policyRuleSchema, { ...atomic, mandatory: false, description: 'The rules.' })),
  },
  { schemaName: 'io.k8s.api.rbac.v1.Role', description: 'Rules about what may be done in one namespace.' },
)
export type Role = Static<typeof roleSchema>

export const roles = defineKind<Role>({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'Role',
  plural: 'roles',
  namespaced: true,
  storageVersionHash: '7FuwZcIIItM=',
  schema: roleSchema,
  schemaName: 'io.k8s.api.rbac.v1.Role',
  columns: [nameColumn, createdAtColumn()],
  hooks: plainHooks<Role>({
    validate: (role) => policyRuleErrors(role.rules ?? [], { namespaced: true }),
    validateName: pathSegmentProblems,
  }),
})
