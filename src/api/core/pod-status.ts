import {
  always,
  atomic,
  goString,
  int64,
  list,
  map,
  mergeBy,
  omit,
  orNull,
  pointer,
  quantity,
  type Static,
  time,
} from '../../machinery/schema.ts'
import { structIn } from '../common/struct-in.ts'
import { containerStatusSchema } from './container-status.ts'
import { resourceRequirementsSchema } from './resource-requirements.ts'

const struct = structIn('io.k8s.api.core.v1')

export const podConditionSchema = struct('PodCondition', {
  type: always(goString()),
  lastProbeTime: orNull(time({ mandatory: false })),
  lastTransitionTime: orNull(time({ mandatory: false })),
  message: omit(goString()),
  observedGeneration: omit(int64()),
  reason: omit(goString()),
  status: always(goString()),
})
export type PodCondition = Static<typeof podConditionSchema>

export const hostIPSchema = struct('HostIP', {
  ip: always(goString()),
})

export const podIPSchema = struct('PodIP', {
  ip: always(goString()),
})

export const podResourceClaimStatusSchema = struct('PodResourceClaimStatus', {
  name: always(goString()),
  resourceClaimName: pointer(goString()),
})
export type PodResourceClaimStatus = Static<typeof podResourceClaimStatusSchema>

export const containerExtendedResourceRequestSchema = struct('ContainerExtendedResourceRequest', {
  containerName: always(goString()),
  requestName: always(goString()),
  resourceName: always(goString()),
})

export const podExtendedResourceClaimStatusSchema = struct('PodExtendedResourceClaimStatus', {
  requestMappings: always(list(containerExtendedResourceRequestSchema, atomic)),
  resourceClaimName: always(goString()),
})
export type PodExtendedResourceClaimStatus = Static<typeof podExtendedResourceClaimStatusSchema>

export const nodeAllocatableResourceClaimStatusSchema = struct('NodeAllocatableResourceClaimStatus', {
  containers: omit(list(goString(), atomic)),
  resourceClaimName: always(goString()),
  resources: orNull(map(quantity())),
})
export type NodeAllocatableResourceClaimStatus = Static<typeof nodeAllocatableResourceClaimStatusSchema>

export const podStatusSchema = struct('PodStatus', {
  allocatedResources: omit(map(quantity())),
  conditions: omit(
    list(podConditionSchema, { ...mergeBy('type'), description: 'States that the pod is in.' }),
  ),
  containerStatuses: omit(list(containerStatusSchema, { ...atomic, description: 'How each container is.' })),
  ephemeralContainerStatuses: omit(list(containerStatusSchema, atomic)),
  extendedResourceClaimStatus: pointer(podExtendedResourceClaimStatusSchema),
  hostIP: omit(goString()),
  hostIPs: omit(list(hostIPSchema, mergeBy('ip'))),
  initContainerStatuses: omit(list(containerStatusSchema, atomic)),
  message: omit(goString()),
  nodeAllocatableResourceClaimStatuses: omit(list(nodeAllocatableResourceClaimStatusSchema, atomic)),
  nominatedNodeName: omit(goString()),
  observedGeneration: omit(int64()),
  phase: omit(goString({ description: 'Pending, Running, Succeeded, Failed or Unknown.' })),
  podIP: omit(goString({ description: 'Address of the pod.' })),
  podIPs: omit(list(podIPSchema, mergeBy('ip'))),
  qosClass: omit(goString()),
  reason: omit(goString()),
  resize: omit(goString()),
  resourceClaimStatuses: omit(list(podResourceClaimStatusSchema, mergeBy('name'))),
  resources: pointer(resourceRequirementsSchema),
  startTime: pointer(time()),
})
export type PodStatus = Static<typeof podStatusSchema>
