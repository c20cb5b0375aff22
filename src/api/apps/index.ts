import type { Kind } from '../../machinery/kind.ts'
import { controllerRevisions } from './controller-revision.ts'
import { daemonSets } from './daemon-set.ts'
import { deployments } from './deployment.ts'
import { replicaSets } from './replica-set.ts'
import { statefulSets } from './stateful-set.ts'

export type { ControllerRevision } from './controller-revision.ts'
export { controllerRevisionSchema, controllerRevisions } from './controller-revision.ts'
export type { DaemonSet, DaemonSetCondition, DaemonSetSpec, DaemonSetStatus } from './daemon-set.ts'
export { daemonSetSchema, daemonSets } from './daemon-set.ts'
export type {
  Deployment,
  DeploymentCondition,
  DeploymentSpec,
  DeploymentStatus,
  DeploymentStrategy,
} from './deployment.ts'
export { deploymentSchema, deployments } from './deployment.ts'
export type { ReplicaSet, ReplicaSetCondition, ReplicaSetSpec, ReplicaSetStatus } from './replica-set.ts'
export { replicaSetSchema, replicaSets } from './replica-set.ts'
export type { StatefulSet, StatefulSetCondition, StatefulSetSpec, StatefulSetStatus } from './stateful-set.ts'
export { statefulSetSchema, statefulSets } from './stateful-set.ts'

export const appsKinds: readonly Kind[] = [
  controllerRevisions,
  daemonSets,
  deployments,
  replicaSets,
  statefulSets,
]
