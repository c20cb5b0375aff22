import type { Kind } from '../../machinery/kind.ts'
import { configMaps } from './config-map.ts'
import { events } from './event.ts'
import { limitRanges } from './limit-range.ts'
import { namespaces } from './namespace.ts'
import { pods } from './pod.ts'
import { podTemplates } from './pod-template.ts'
import { replicationControllers } from './replication-controller.ts'
import { resourceQuotas } from './resource-quota.ts'
import { secrets } from './secret.ts'
import { services } from './service.ts'
import { serviceAccounts } from './service-account.ts'

export type { Affinity, Toleration } from './affinity.ts'
export type { ConfigMap } from './config-map.ts'
export { configMapSchema, configMaps } from './config-map.ts'
export type { Container, ContainerPort, EphemeralContainer, VolumeMount } from './container.ts'
export type {
  ContainerState,
  ContainerStatus,
  ImageVolumeStatus,
  ResourceStatus,
  VolumeMountStatus,
  VolumeStatus,
} from './container-status.ts'
export { encodeSecretText } from './encode-secret-text.ts'
export type { EnvFromSource, EnvVar } from './env-var.ts'
export type { Event, EventSeries, EventSource } from './event.ts'
export { eventSchema, events } from './event.ts'
export type { LimitRange, LimitRangeItem, LimitRangeSpec } from './limit-range.ts'
export { limitRangeSchema, limitRanges } from './limit-range.ts'
export type { Namespace, NamespaceCondition, NamespaceSpec, NamespaceStatus } from './namespace.ts'
export { namespaceFinalizer, namespaceNameLabel, namespaceSchema, namespaces } from './namespace.ts'
export type { LocalObjectReference, ObjectReference } from './object-reference.ts'
export { localObjectReferenceSchema, objectReferenceSchema } from './object-reference.ts'
export type {
  ModifyVolumeStatus,
  PersistentVolumeClaim,
  PersistentVolumeClaimCondition,
  PersistentVolumeClaimSpec,
  PersistentVolumeClaimStatus,
} from './persistent-volume-claim.ts'
export type { Pod } from './pod.ts'
export { podSchema, pods } from './pod.ts'
export { withPodAdmission, withServiceAccount } from './pod-admission.ts'
export { withPodSpecDefaults, withTemplateDefaults } from './pod-defaults.ts'
export type { PodSpec } from './pod-spec.ts'
export { podSpecSchema } from './pod-spec.ts'
export type {
  NodeAllocatableResourceClaimStatus,
  PodCondition,
  PodExtendedResourceClaimStatus,
  PodResourceClaimStatus,
  PodStatus,
} from './pod-status.ts'
export { podReadiness, podRestarts, podStatusText } from './pod-summary.ts'
export type { PodTemplate } from './pod-template.ts'
export { podTemplateSchema, podTemplates } from './pod-template.ts'
export type { PodTemplateSpec } from './pod-template-spec.ts'
export { podTemplateSpecSchema } from './pod-template-spec.ts'
export type { Lifecycle, Probe } from './probe.ts'
export type {
  ReplicationController,
  ReplicationControllerCondition,
  ReplicationControllerSpec,
  ReplicationControllerStatus,
} from './replication-controller.ts'
export { replicationControllerSchema, replicationControllers } from './replication-controller.ts'
export type { ResourceQuota, ResourceQuotaSpec, ResourceQuotaStatus } from './resource-quota.ts'
export { resourceQuotaSchema, resourceQuotas } from './resource-quota.ts'
export type { ResourceRequirements } from './resource-requirements.ts'
export type { Secret } from './secret.ts'
export { secretSchema, secrets } from './secret.ts'
export {
  dockerConfigKeys,
  secretTypeErrors,
  secretTypes,
  serviceAccountNameAnnotation,
} from './secret-type.ts'
export type { PodSecurityContext, SecurityContext } from './security-context.ts'
export type {
  LoadBalancerStatus,
  PortStatus,
  Service,
  ServicePort,
  ServiceSpec,
  ServiceStatus,
} from './service.ts'
export { serviceSchema, services } from './service.ts'
export type { ServiceAccount } from './service-account.ts'
export { serviceAccountSchema, serviceAccounts } from './service-account.ts'
export type { PodRules } from './validate-pod-spec.ts'
export { validatePodSpec } from './validate-pod-spec.ts'
export type { Volume } from './volume.ts'
export { containerColumns } from './workload-columns.ts'

export const coreKinds: readonly Kind[] = [
  configMaps,
  events,
  limitRanges,
  namespaces,
  pods,
  podTemplates,
  replicationControllers,
  resourceQuotas,
  secrets,
  services,
  serviceAccounts,
]
