import { labelSelectorSchema } from '../../machinery/meta-schema.ts'
import {
  always,
  atomic,
  goString,
  int32,
  int64,
  list,
  omit,
  pointer,
  type Static,
} from '../../machinery/schema.ts'
import { structIn } from '../common/struct-in.ts'

const struct = structIn('io.k8s.api.core.v1')

export const nodeSelectorRequirementSchema = struct('NodeSelectorRequirement', {
  key: always(goString()),
  operator: always(goString()),
  values: omit(list(goString(), atomic)),
})

export const nodeSelectorTermSchema = struct(
  'NodeSelectorTerm',
  {
    matchExpressions: omit(list(nodeSelectorRequirementSchema, atomic)),
    matchFields: omit(list(nodeSelectorRequirementSchema, atomic)),
  },
  { 'x-kubernetes-map-type': 'atomic' },
)

export const nodeSelectorSchema = struct(
  'NodeSelector',
  {
    nodeSelectorTerms: always(list(nodeSelectorTermSchema, atomic)),
  },
  { 'x-kubernetes-map-type': 'atomic' },
)

export const preferredSchedulingTermSchema = struct('PreferredSchedulingTerm', {
  preference: always(nodeSelectorTermSchema),
  weight: always(int32()),
})

export const nodeAffinitySchema = struct('NodeAffinity', {
  preferredDuringSchedulingIgnoredDuringExecution: omit(list(preferredSchedulingTermSchema, atomic)),
  requiredDuringSchedulingIgnoredDuringExecution: pointer(nodeSelectorSchema),
})

export const podAffinityTermSchema = struct('PodAffinityTerm', {
  labelSelector: pointer(labelSelectorSchema),
  matchLabelKeys: omit(list(goString(), atomic)),
  mismatchLabelKeys: omit(list(goString(), atomic)),
  namespaceSelector: pointer(labelSelectorSchema),
  namespaces: omit(list(goString(), atomic)),
  topologyKey: always(goString()),
})

export const weightedPodAffinityTermSchema = struct('WeightedPodAffinityTerm', {
  podAffinityTerm: always(podAffinityTermSchema),
  weight: always(int32()),
})

export const podAffinitySchema = struct('PodAffinity', {
  preferredDuringSchedulingIgnoredDuringExecution: omit(list(weightedPodAffinityTermSchema, atomic)),
  requiredDuringSchedulingIgnoredDuringExecution: omit(list(podAffinityTermSchema, atomic)),
})

export const podAntiAffinitySchema = struct('PodAntiAffinity', {
  preferredDuringSchedulingIgnoredDuringExecution: omit(list(weightedPodAffinityTermSchema, atomic)),
  requiredDuringSchedulingIgnoredDuringExecution: omit(list(podAffinityTermSchema, atomic)),
})

export const affinitySchema = struct('Affinity', {
  nodeAffinity: pointer(nodeAffinitySchema),
  podAffinity: pointer(podAffinitySchema),
  podAntiAffinity: pointer(podAntiAffinitySchema),
})
export type Affinity = Static<typeof affinitySchema>

export const tolerationSchema = struct('Toleration', {
  effect: omit(goString()),
  key: omit(goString()),
  operator: omit(goString()),
  tolerationSeconds: pointer(int64()),
  value: omit(goString()),
})
export type Toleration = Static<typeof tolerationSchema>

export const topologySpreadConstraintSchema = struct('TopologySpreadConstraint', {
  labelSelector: pointer(labelSelectorSchema),
  matchLabelKeys: omit(list(goString(), atomic)),
  maxSkew: always(int32()),
  minDomains: pointer(int32()),
  nodeAffinityPolicy: pointer(goString()),
  nodeTaintsPolicy: pointer(goString()),
  topologyKey: always(goString()),
  whenUnsatisfiable: always(goString()),
})
