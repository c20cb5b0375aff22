import type { Authorize } from '../../access/access.ts'
import {
  buildConfigs,
  builds,
  cronJobs,
  daemonSets,
  deploymentConfigs,
  deployments,
  jobs,
  pods,
  replicaSets,
  replicationControllers,
  statefulSets,
} from '../../api/index.ts'
import { defaultImagePolicy, type ImagePolicy, podSpecPath, type RegistryHosts } from '../../image/index.ts'
import type { Kind } from '../../machinery/kind.ts'
import type { Endpoint } from '../endpoint.ts'
import type { EndpointDeps } from '../resources.ts'
import { createStoredEndpoint } from '../stored-endpoint.ts'
import { type Admit, admittedStrategy } from './admission.ts'
import { admitBuildImages } from './build-images.ts'
import { admitBuildStrategy } from './build-strategy.ts'
import { admitPodTriggers } from './pod-triggers.ts'
import { admitServiceAccount } from './service-account.ts'
import type { ResolutionDeps } from './trigger-resolutions.ts'
import type { TriggerWriters } from './trigger-writers.ts'
import { admitWorkloadImages } from './workload-images.ts'

export type { Admit } from './admission.ts'
export { requireBuildStrategy } from './build-strategy.ts'
export { findResolutions, type ResolutionDeps } from './trigger-resolutions.ts'
export { createTriggerWriters, type TriggerWriters } from './trigger-writers.ts'

export interface AdmissionDeps extends EndpointDeps, ResolutionDeps {
  hosts: RegistryHosts
  writers: TriggerWriters
  authorize: Authorize
  /** Absent: the reference's default. */
  policy?: ImagePolicy
  /** More kinds whose objects may follow tags by an annotation. */
  triggerKinds?: readonly Kind[]
}

const workloads: readonly Kind[] = [
  pods,
  replicationControllers,
  deployments,
  statefulSets,
  daemonSets,
  replicaSets,
  jobs,
  cronJobs,
  deploymentConfigs,
]

/** The endpoints of workloads and builds, with what happens to their objects before they are written (triggers.md §7). */
export function createAdmittedEndpoints(deps: AdmissionDeps): Endpoint[] {
  const lookup = { ...deps, policy: deps.policy ?? defaultImagePolicy }
  const endpointOf = (kind: Kind, steps: readonly Admit[]) =>
    createStoredEndpoint(kind, deps, { strategy: admittedStrategy(kind, steps) })
  return [
    ...workloads.map((kind) =>
      endpointOf(kind, [
        ...(kind === pods ? [admitServiceAccount(deps), admitPodTriggers(deps)] : []),
        admitWorkloadImages(kind, podSpecPath(kind) ?? [], kind === jobs, lookup),
        deps.writers.admit(kind),
      ]),
    ),
    endpointOf(builds, [admitBuildStrategy(builds, deps.authorize), admitBuildImages(lookup)]),
    endpointOf(buildConfigs, [
      admitBuildStrategy(buildConfigs, deps.authorize),
      deps.writers.admit(buildConfigs),
    ]),
    ...(deps.triggerKinds ?? []).map((kind) => endpointOf(kind, [deps.writers.admit(kind)])),
  ]
}
