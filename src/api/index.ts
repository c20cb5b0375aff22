import type { Kind } from '../machinery/kind.ts'
import { appsKinds } from './apps/index.ts'
import { authenticationKinds } from './authentication/index.ts'
import { authorizationKinds } from './authorization/index.ts'
import { batchKinds } from './batch/index.ts'
import { configKinds } from './config/index.ts'
import { coordinationKinds } from './coordination/index.ts'
import { coreKinds } from './core/index.ts'
import { imageKinds } from './image/index.ts'
import { imageRegistryKinds } from './image-registry/index.ts'
import { oauthKinds } from './oauth/index.ts'
import { openshiftAppsKinds } from './openshift-apps/index.ts'
import { openshiftAuthorizationKinds } from './openshift-authorization/index.ts'
import { buildKinds } from './openshift-build/index.ts'
import { operatorKinds } from './operator/index.ts'
import { projectKinds } from './project/index.ts'
import { rbacKinds } from './rbac/index.ts'
import { userKinds } from './user/index.ts'
import { weirKinds } from './weir/index.ts'

export * from './apps/index.ts'
export * from './authentication/index.ts'
export * from './authorization/index.ts'
export * from './autoscaling/index.ts'
export * from './batch/index.ts'
export * from './config/index.ts'
export * from './coordination/index.ts'
// Image streams have the same type by their own schema.
export type { ObjectReference } from './core/index.ts'
export * from './core/index.ts'
export * from './image/index.ts'
export * from './image-registry/index.ts'
export * from './oauth/index.ts'
export {
  type DeploymentConfig,
  type DeploymentConfigRollback,
  type DeploymentConfigSpec,
  type DeploymentConfigStatus,
  type DeploymentRequest,
  type DeploymentTriggerPolicy,
  deploymentConfigs,
  openshiftAppsKinds,
  withDeploymentConfigDefaults,
} from './openshift-apps/index.ts'
export {
  type ClusterRole as OpenshiftClusterRole,
  type ClusterRoleBinding as OpenshiftClusterRoleBinding,
  openshiftAuthorizationKinds,
  openshiftClusterRoleBindings,
  openshiftClusterRoles,
  openshiftLocalResourceAccessReviews,
  openshiftLocalSubjectAccessReviews,
  openshiftResourceAccessReviews,
  openshiftRoleBindings,
  openshiftRoles,
  openshiftSelfSubjectRulesReviews,
  openshiftSubjectAccessReviews,
  openshiftSubjectRulesReviews,
  type Role as OpenshiftRole,
  type RoleBinding as OpenshiftRoleBinding,
  type RoleBindingRestriction,
  roleBindingRestrictions,
} from './openshift-authorization/index.ts'
export * from './openshift-build/index.ts'
export * from './operator/index.ts'
export * from './project/index.ts'
export * from './rbac/index.ts'
export * from './user/index.ts'
export * from './weir/index.ts'

/** Every kind, in the order in which `/apis` lists the groups: it decides who wins an ambiguous plural. */
export const allKinds: readonly Kind[] = [
  ...coreKinds,
  ...appsKinds,
  ...authenticationKinds,
  ...authorizationKinds,
  ...batchKinds,
  ...rbacKinds,
  ...coordinationKinds,
  ...openshiftAppsKinds,
  ...openshiftAuthorizationKinds,
  ...buildKinds,
  ...imageKinds,
  ...oauthKinds,
  ...projectKinds,
  ...configKinds,
  ...operatorKinds,
  ...imageRegistryKinds,
  ...userKinds,
  ...weirKinds,
]
