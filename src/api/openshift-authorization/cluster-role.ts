import { defineKind } from '../../machinery/kind.ts'
import { objectSchema } from '../../machinery/meta-schema.ts'
import { list, orNull, pointer, type Static } from '../../machinery/schema.ts'
import { nameColumn } from '../../machinery/table.ts'
import { aggregationRuleSchema } from '../rbac/policy-rule.ts'
import { policyRuleSchema } from './policy-rule.ts'

export const clusterRoleSchema = objectSchema(
  'ClusterRole',
  {
    aggregationRule: pointer(aggregationRuleSchema, {
      description: 'Takes the rules from other cluster roles.',
    }),
    rules: orNull(list(policyRuleSchema, { description: 'The rules.' })),
  },
  {
    schemaName: 'com.github.openshift.api.authorization.v1.ClusterRole',
    description: 'Rules about what may be done anywhere.',
  },
)
export type ClusterRole = Static<typeof clusterRoleSchema>

/** A view of the RBAC kind of the same name. */
export const openshiftClusterRoles = defineKind<ClusterRole>({
  group: 'authorization.openshift.io',
  version: 'v1',
  kind: 'ClusterRole',
  plural: 'clusterroles',
  namespaced: false,
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update'],
  stored: false,
  schema: clusterRoleSchema,
  schemaName: 'com.github.openshift.api.authorization.v1.ClusterRole',
  columns: [nameColumn],
})
