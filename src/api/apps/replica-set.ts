import type { FieldError } from '../../machinery/errors.ts'
import { defineKind } from '../../machinery/kind.ts'
import { labelSelectorSchema, objectSchema } from '../../machinery/meta-schema.ts'
import {
  always,
  goString,
  int32,
  int64,
  list,
  mergeBy,
  omit,
  orNull,
  pointer,
  type Static,
  time,
} from '../../machinery/schema.ts'
import { nameColumn } from '../../machinery/table.ts'
import { scaleSchema } from '../autoscaling/scale.ts'
import { ageColumn, numberColumn, wideColumn } from '../common/columns.ts'
import { immutable, nonNegative } from '../common/field-errors.ts'
import { formatSelector, selectorErrors } from '../common/label-selector.ts'
import { statusHooks } from '../common/status-hooks.ts'
import { structIn } from '../common/struct-in.ts'
import { scaleSubresource, statusOf } from '../common/subresources.ts'
import { withTemplateDefaults } from '../core/pod-defaults.ts'
import { podTemplateSpecSchema } from '../core/pod-template-spec.ts'
import { validatePodSpec } from '../core/validate-pod-spec.ts'
import { containerColumns } from '../core/workload-columns.ts'

const struct = structIn('io.k8s.api.apps.v1')

export const replicaSetSpecSchema = struct('ReplicaSetSpec', {
  minReadySeconds: omit(int32()),
  replicas: pointer(int32({ description: 'Pods that there should be; 1 if left out.' })),
  selector: pointer(labelSelectorSchema, {
    mandatory: true,
    description: "Picks its pods. It can't be changed later.",
  }),
  template: always(podTemplateSpecSchema, { mandatory: false, description: 'What its pods look like.' }),
})
export type ReplicaSetSpec = Static<typeof replicaSetSpecSchema>

export const replicaSetConditionSchema = struct('ReplicaSetCondition', {
  type: always(goString()),
  lastTransitionTime: orNull(time({ mandatory: false })),
  message: omit(goString()),
  reason: omit(goString()),
  status: always(goString()),
})
export type ReplicaSetCondition = Static<typeof replicaSetConditionSchema>

export const replicaSetStatusSchema = struct('ReplicaSetStatus', {
  availableReplicas: omit(int32()),
  conditions: omit(list(replicaSetConditionSchema, mergeBy('type'))),
  fullyLabeledReplicas: omit(int32()),
  observedGeneration: omit(int64()),
  readyReplicas: omit(int32()),
  replicas: always(int32()),
  terminatingReplicas: pointer(int32()),
})
export type ReplicaSetStatus = Static<typeof replicaSetStatusSchema>

export const replicaSetSchema = objectSchema(
  'ReplicaSet',
  {
    spec: always(replicaSetSpecSchema, { mandatory: false, description: 'Which pods, and how many.' }),
    status: always(replicaSetStatusSchema, { mandatory: false, description: 'How many there are.' }),
  },
  { schemaName: 'io.k8s.api.apps.v1.ReplicaSet', description: 'Keeps a number of pods of one kind running.' },
)
export type ReplicaSet = Static<typeof replicaSetSchema>

function withDefaults(next: ReplicaSet): ReplicaSet {
  const { spec } = next
  return {
    ...next,
    spec: { ...spec, replicas: spec.replicas ?? 1, template: withTemplateDefaults(spec.template) },
  }
}

function validate({ spec }: ReplicaSet): FieldError[] {
  return [
    ...nonNegative('spec.replicas', spec.replicas),
    ...selectorErrors(spec.selector, spec.template.metadata.labels, 'deployment'),
    ...validatePodSpec(spec.template.spec, 'spec.template.spec', { restartPolicies: ['Always'] }),
  ]
}

export const replicaSets = defineKind<ReplicaSet>({
  group: 'apps',
  version: 'v1',
  kind: 'ReplicaSet',
  plural: 'replicasets',
  shortNames: ['rs'],
  categories: ['all'],
  namespaced: true,
  storageVersionHash: 'P1RzHs8/mWQ=',
  subresources: [{ ...scaleSubresource, schema: scaleSchema }, statusOf('ReplicaSet')],
  schema: replicaSetSchema,
  schemaName: 'io.k8s.api.apps.v1.ReplicaSet',
  columns: [
    nameColumn,
    numberColumn('Desired', 'Pods that there should be.', (set) => set.spec.replicas ?? 0),
    numberColumn('Current', 'Pods that there are.', (set) => set.status.replicas),
    numberColumn('Ready', 'Pods that are ready.', (set) => set.status.readyReplicas ?? 0),
    ageColumn(),
    ...containerColumns<ReplicaSet>((set) => set.spec.template.spec),
    wideColumn('Selector', 'Labels that pick its pods.', ({ spec }) => formatSelector(spec.selector)),
  ],
  fieldSelectors: { 'status.replicas': (set) => String(set.status.replicas) },
  hooks: statusHooks<ReplicaSet>({
    initialStatus: { replicas: 0 },
    defaults: withDefaults,
    validate,
    validateChange: (next, old) => immutable('spec.selector', next.spec.selector, old.spec.selector),
  }),
})
