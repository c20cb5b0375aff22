import type { FieldError } from '../../machinery/errors.ts'
import { defineKind } from '../../machinery/kind.ts'
import { labelSelectorSchema, objectSchema } from '../../machinery/meta-schema.ts'
import {
  always,
  atomic,
  goString,
  int32,
  int64,
  intOrString,
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
import { ageColumn, textColumn } from '../common/columns.ts'
import { forbiddenField, nonNegative, oneOf } from '../common/field-errors.ts'
import { selectorErrors } from '../common/label-selector.ts'
import { isSameJson } from '../common/same-json.ts'
import { statusHooks } from '../common/status-hooks.ts'
import { structIn } from '../common/struct-in.ts'
import { scaleSubresource, statusOf } from '../common/subresources.ts'
import { persistentVolumeClaimSchema } from '../core/persistent-volume-claim.ts'
import { withTemplateDefaults } from '../core/pod-defaults.ts'
import { podTemplateSpecSchema } from '../core/pod-template-spec.ts'
import { validatePodSpec } from '../core/validate-pod-spec.ts'
import { containerColumns } from '../core/workload-columns.ts'

const struct = structIn('io.k8s.api.apps.v1')

export const statefulSetOrdinalsSchema = struct('StatefulSetOrdinals', {
  start: pointer(int32()),
})

export const statefulSetPersistentVolumeClaimRetentionPolicySchema = struct(
  'StatefulSetPersistentVolumeClaimRetentionPolicy',
  {
    whenDeleted: omit(goString()),
    whenScaled: omit(goString()),
  },
)

export const rollingUpdateStatefulSetStrategySchema = struct('RollingUpdateStatefulSetStrategy', {
  maxUnavailable: pointer(intOrString()),
  partition: pointer(int32()),
})

export const statefulSetUpdateStrategySchema = struct('StatefulSetUpdateStrategy', {
  type: omit(goString()),
  rollingUpdate: pointer(rollingUpdateStatefulSetStrategySchema),
})

export const statefulSetSpecSchema = struct('StatefulSetSpec', {
  minReadySeconds: omit(int32()),
  ordinals: pointer(statefulSetOrdinalsSchema),
  persistentVolumeClaimRetentionPolicy: pointer(statefulSetPersistentVolumeClaimRetentionPolicySchema),
  podManagementPolicy: omit(goString()),
  replicas: pointer(int32({ description: 'Pods that there should be; 1 if left out.' })),
  revisionHistoryLimit: pointer(int32()),
  selector: pointer(labelSelectorSchema, {
    mandatory: true,
    description: "Picks its pods. It can't be changed later.",
  }),
  serviceName: omit(goString({ description: 'Service that gives the pods their names.' })),
  template: always(podTemplateSpecSchema, { description: 'What its pods look like.' }),
  updateStrategy: always(statefulSetUpdateStrategySchema, {
    mandatory: false,
    description: 'How changes of the template reach the pods.',
  }),
  volumeClaimTemplates: omit(
    list(persistentVolumeClaimSchema, { ...atomic, description: 'Storage that each pod claims.' }),
  ),
})
export type StatefulSetSpec = Static<typeof statefulSetSpecSchema>

export const statefulSetConditionSchema = struct('StatefulSetCondition', {
  type: always(goString()),
  lastTransitionTime: orNull(time({ mandatory: false })),
  message: omit(goString()),
  reason: omit(goString()),
  status: always(goString()),
})
export type StatefulSetCondition = Static<typeof statefulSetConditionSchema>

export const statefulSetStatusSchema = struct('StatefulSetStatus', {
  availableReplicas: always(int32({ mandatory: false })),
  collisionCount: pointer(int32()),
  conditions: omit(list(statefulSetConditionSchema, mergeBy('type'))),
  currentReplicas: omit(int32()),
  currentRevision: omit(goString()),
  observedGeneration: omit(int64()),
  readyReplicas: omit(int32()),
  replicas: always(int32()),
  updateRevision: omit(goString()),
  updatedReplicas: omit(int32()),
})
export type StatefulSetStatus = Static<typeof statefulSetStatusSchema>

export const statefulSetSchema = objectSchema(
  'StatefulSet',
  {
    spec: always(statefulSetSpecSchema, { mandatory: false, description: 'What should run.' }),
    status: always(statefulSetStatusSchema, { mandatory: false, description: 'What runs.' }),
  },
  {
    schemaName: 'io.k8s.api.apps.v1.StatefulSet',
    description: 'Runs pods that each keep their name and storage.',
  },
)
export type StatefulSet = Static<typeof statefulSetSchema>

function withDefaults(next: StatefulSet): StatefulSet {
  const { spec } = next
  const type = spec.updateStrategy.type || 'RollingUpdate'
  const rolling = {
    ...spec.updateStrategy.rollingUpdate,
    partition: spec.updateStrategy.rollingUpdate?.partition ?? 0,
  }
  const retention = spec.persistentVolumeClaimRetentionPolicy
  return {
    ...next,
    spec: {
      ...spec,
      replicas: spec.replicas ?? 1,
      template: withTemplateDefaults(spec.template),
      podManagementPolicy: spec.podManagementPolicy || 'OrderedReady',
      updateStrategy:
        type === 'RollingUpdate' ? { type, rollingUpdate: rolling } : { ...spec.updateStrategy, type },
      revisionHistoryLimit: spec.revisionHistoryLimit ?? 10,
      persistentVolumeClaimRetentionPolicy: {
        whenDeleted: retention?.whenDeleted || 'Retain',
        whenScaled: retention?.whenScaled || 'Retain',
      },
    },
  }
}

function validate({ spec }: StatefulSet): FieldError[] {
  return [
    ...oneOf('spec.podManagementPolicy', spec.podManagementPolicy, ['OrderedReady', 'Parallel']),
    ...oneOf('spec.updateStrategy.type', spec.updateStrategy.type, ['OnDelete', 'RollingUpdate']),
    ...nonNegative('spec.replicas', spec.replicas),
    ...selectorErrors(spec.selector, spec.template.metadata.labels, 'statefulset'),
    ...validatePodSpec(spec.template.spec, 'spec.template.spec', { restartPolicies: ['Always'] }),
  ]
}

const changeable = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
] as const

function validateChange(next: StatefulSet, old: StatefulSet): FieldError[] {
  const fixed = (spec: StatefulSet['spec']) => ({
    ...spec,
    ...Object.fromEntries(changeable.map((key) => [key, undefined])),
  })
  if (isSameJson(fixed(next.spec), fixed(old.spec))) return []
  const names = changeable.map((key) => `'${key}'`)
  const list = `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
  return [forbiddenField('spec', `updates to statefulset spec for fields other than ${list} are forbidden`)]
}

export const statefulSets = defineKind<StatefulSet>({
  group: 'apps',
  version: 'v1',
  kind: 'StatefulSet',
  plural: 'statefulsets',
  shortNames: ['sts'],
  categories: ['all'],
  namespaced: true,
  storageVersionHash: 'H+vl74LkKdo=',
  subresources: [{ ...scaleSubresource, schema: scaleSchema }, statusOf('StatefulSet')],
  schema: statefulSetSchema,
  schemaName: 'io.k8s.api.apps.v1.StatefulSet',
  columns: [
    nameColumn,
    textColumn(
      'Ready',
      'Pods that are ready, of those that there should be.',
      ({ spec, status }) => `${status.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
    ),
    ageColumn(),
    ...containerColumns<StatefulSet>((set) => set.spec.template.spec),
  ],
  hooks: statusHooks<StatefulSet>({
    initialStatus: { replicas: 0, availableReplicas: 0 },
    defaults: withDefaults,
    validate,
    validateChange,
  }),
})
