import { planAggregation } from './aggregate.ts'
import { clusterRoles } from './bootstrap-cluster-roles.ts'
import { imageRoles } from './bootstrap-image-roles.ts'
import { kubernetesRoles } from './bootstrap-kubernetes-roles.ts'
import { projectRoles } from './bootstrap-project-roles.ts'
import type { ClusterRole } from './rbac-objects.ts'

function aggregated(roles: readonly ClusterRole[]): ClusterRole[] {
  const filled = new Map(planAggregation(roles).map((role) => [role.metadata.name, role]))
  return roles.map((role) => filled.get(role.metadata.name) ?? role)
}

/** The cluster roles that exist from the first start on, aggregated ones with their rules filled in. */
export const bootstrapClusterRoles: readonly ClusterRole[] = aggregated([
  ...kubernetesRoles,
  ...clusterRoles,
  ...imageRoles,
  ...projectRoles,
])
