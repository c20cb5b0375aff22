import type { AggregationRule } from '../api/rbac/index.ts'

/** The names that decisions use for the objects of `rbac.authorization.k8s.io/v1`. */

export type {
  ClusterRole,
  ClusterRoleBinding,
  PolicyRule,
  Role,
  RoleBinding,
  RoleRef,
  Subject as RoleSubject,
} from '../api/rbac/index.ts'
export { rbacGroup } from '../api/rbac/index.ts'

export type LabelSelector = NonNullable<AggregationRule['clusterRoleSelectors']>[number]
