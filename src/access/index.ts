export * from './access.ts'
export { aggregateRules, planAggregation } from './aggregate.ts'
export { bootstrapClusterRoleBindings } from './bootstrap-bindings.ts'
export { bootstrapClusterRoles } from './bootstrap-roles.ts'
export { decide } from './decide.ts'
export { bindingRefusal, escalations, roleRefusal } from './escalation.ts'
export { forbiddenError, forbiddenMessage } from './forbidden.ts'
export { formatResource, normalizeAction } from './match-rule.ts'
export type { Policy, PolicyIndex, PolicyKind, PolicyObjects } from './policy.ts'
export { createPolicy, serviceAccountName } from './policy.ts'
export {
  projectAdminBinding,
  projectBindings,
  sharedNamespace,
  sharedResourceBinding,
  sharedResourceRole,
} from './project-bindings.ts'
export type {
  ClusterRole,
  ClusterRoleBinding,
  PolicyRule,
  Role,
  RoleBinding,
  RoleRef,
  RoleSubject,
} from './rbac-objects.ts'
export { rbacGroup } from './rbac-objects.ts'
export type { HeldRules } from './rules-for.ts'
export { rulesFor } from './rules-for.ts'
export type { Holders } from './who-can.ts'
export { whoCan } from './who-can.ts'
