import type { Kind } from '../../machinery/kind.ts'
import { openshiftClusterRoles } from './cluster-role.ts'
import { openshiftClusterRoleBindings } from './cluster-role-binding.ts'
import { openshiftLocalResourceAccessReviews } from './local-resource-access-review.ts'
import { openshiftLocalSubjectAccessReviews } from './local-subject-access-review.ts'
import { openshiftResourceAccessReviews } from './resource-access-review.ts'
import { openshiftRoles } from './role.ts'
import { openshiftRoleBindings } from './role-binding.ts'
import { roleBindingRestrictions } from './role-binding-restriction.ts'
import { openshiftSelfSubjectRulesReviews } from './self-subject-rules-review.ts'
import { openshiftSubjectAccessReviews } from './subject-access-review.ts'
import { openshiftSubjectRulesReviews } from './subject-rules-review.ts'

export { bindingViewColumns } from './binding-columns.ts'
export type { ClusterRole } from './cluster-role.ts'
export { clusterRoleSchema, openshiftClusterRoles } from './cluster-role.ts'
export type { ClusterRoleBinding } from './cluster-role-binding.ts'
export { clusterRoleBindingSchema, openshiftClusterRoleBindings } from './cluster-role-binding.ts'
export type { LocalResourceAccessReview } from './local-resource-access-review.ts'
export {
  localResourceAccessReviewSchema,
  openshiftLocalResourceAccessReviews,
} from './local-resource-access-review.ts'
export type { LocalSubjectAccessReview } from './local-subject-access-review.ts'
export {
  localSubjectAccessReviewSchema,
  openshiftLocalSubjectAccessReviews,
} from './local-subject-access-review.ts'
export type { PolicyRule } from './policy-rule.ts'
export type { ResourceAccessReview } from './resource-access-review.ts'
export { openshiftResourceAccessReviews, resourceAccessReviewSchema } from './resource-access-review.ts'
export type { ResourceAccessReviewResponse, SubjectAccessReviewResponse } from './review-responses.ts'
export { resourceAccessReviewResponseSchema, subjectAccessReviewResponseSchema } from './review-responses.ts'
export type { Role } from './role.ts'
export { openshiftRoles, roleSchema } from './role.ts'
export type { RoleBinding } from './role-binding.ts'
export { openshiftRoleBindings, roleBindingSchema } from './role-binding.ts'
export type { RoleBindingRestriction, RoleBindingRestrictionSpec } from './role-binding-restriction.ts'
export { roleBindingRestrictionSchema, roleBindingRestrictions } from './role-binding-restriction.ts'
export type {
  SelfSubjectRulesReview,
  SelfSubjectRulesReviewSpec,
  SubjectRulesReviewStatus,
} from './self-subject-rules-review.ts'
export {
  openshiftSelfSubjectRulesReviews,
  selfSubjectRulesReviewSchema,
} from './self-subject-rules-review.ts'
export type { SubjectAccessReview } from './subject-access-review.ts'
export { openshiftSubjectAccessReviews, subjectAccessReviewSchema } from './subject-access-review.ts'
export type { SubjectRulesReview, SubjectRulesReviewSpec } from './subject-rules-review.ts'
export { openshiftSubjectRulesReviews, subjectRulesReviewSchema } from './subject-rules-review.ts'

export const openshiftAuthorizationKinds: readonly Kind[] = [
  openshiftClusterRoleBindings,
  openshiftClusterRoles,
  openshiftLocalResourceAccessReviews,
  openshiftLocalSubjectAccessReviews,
  openshiftResourceAccessReviews,
  roleBindingRestrictions,
  openshiftRoleBindings,
  openshiftRoles,
  openshiftSelfSubjectRulesReviews,
  openshiftSubjectAccessReviews,
  openshiftSubjectRulesReviews,
]
