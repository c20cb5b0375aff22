import { defineKind } from '../../machinery/kind.ts'
import { objectSchema } from '../../machinery/meta-schema.ts'
import { pathSegmentProblems } from '../../machinery/names.ts'
import { atomic, list, orNull, pointer, type Static } from '../../machinery/schema.ts'
import { nameColumn } from '../../machinery/table.ts'
import { createdAtColumn } from '../common/columns.ts'
import { required } from '../common/field-errors.ts'
import { plainHooks } from '../common/plain-hooks.ts'
import { aggregationRuleSchema, policyRuleSchema } from './policy-rule.ts'
import { policyRuleErrors } from './validate-policy-rule.ts'

export const clusterRoleSchema = objectSchema(
  'ClusterRole',
  {
    aggregationRule: pointer(aggregationRuleSchema, {
      description: 'Takes the rules from other cluster roles.',
    }),
    rules: orNull(list(policyRuleSchema, { ...atomic, mandatory: false, description: 'The rules.' })),
  },
  { schemaName: 'io.k8s.api.rbac.v1.ClusterRole', description: 'Rules about what may be done anywhere.' },
)
export type ClusterRole = Static<typeof clusterRoleSchema>

export const clusterRoles = defineKind<ClusterRole>({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'ClusterRole',
  plural: 'clusterroles',
  namespaced: false,
  storageVersionHash: 'bYE5ZWDrJ44=',
  schema: clusterRoleSchema,
  schemaName: 'io.k8s.api.rbac.v1.ClusterRole',
  columns: [nameColumn, createdAtColumn()],
  hooks: plainHooks<ClusterRole>({
    validate: (role) => [
      ...policyRuleErrors(role.rules ?? [], { namespaced: false }),
      ...(role.aggregationRule !== undefined && (role.aggregationRule.clusterRoleSelectors ?? []).length === 0
        ? [
            required(
              'aggregationRule.clusterRoleSelectors',
              'at least one clusterRoleSelector required if aggregationRule is non-nil',
            ),
          ]
        : []),
    ],
    validateName: pathSegmentProblems,
  }),
})
