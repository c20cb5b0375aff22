import type { FieldError } from '../../machinery/errors.ts'
import { defineKind } from '../../machinery/kind.ts'
import { objectSchema } from '../../machinery/meta-schema.ts'
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
  stringMap,
  time,
} from '../../machinery/schema.ts'
import { nameColumn } from '../../machinery/table.ts'
import { scaleSchema } from '../autoscaling/scale.ts'
import { ageColumn, numberColumn, wideColumn } from '../common/columns.ts'
import { invalidValue, nonNegative, required } from '../common/field-errors.ts'
import { formatLabels } from '../common/label-selector.ts'
import { statusHooks } from '../common/status-hooks.ts'
import { structIn } from '../common/struct-in.ts'
import { scaleSubresource, statusOf } from '../common/subresources.ts'
import { withTemplateDefaults } from './pod-defaults.ts'
import { podTemplateSpecSchema } from './pod-template-spec.ts'
import { validatePodSpec } from './validate-pod-spec.ts'
import { containerColumns } from './workload-columns.ts'

const struct = structIn('io.k8s.api.core.v1')

export const replicationControllerSpecSchema = struct('ReplicationControllerSpec', {
  minReadySeconds: omit(int32()),
  replicas: pointer(int32({ description: 'Pods that there should be.' })),
  selector: omit(
    stringMap({
      description: 'Labels that pick its pods; those of the template if left out.',
      'x-kubernetes-map-type': 'atomic',
    }),
  ),
  template: pointer(podTemplateSpecSchema, { description: 'What its pods look like.' }),
})
export type ReplicationControllerSpec = Static<typeof replicationControllerSpecSchema>

export const replicationControllerConditionSchema = struct('ReplicationControllerCondition', {
  type: always(goString()),
  lastTransitionTime: orNull(time({ mandatory: false })),
  message: omit(goString()),
  reason: omit(goString()),
  status: always(goString()),
})
export type ReplicationControllerCondition = Static<typeof replicationControllerConditionSchema>

export const replicationControllerStatusSchema = struct('ReplicationControllerStatus', {
  availableReplicas: omit(int32()),
  conditions: omit(list(replicationControllerConditionSchema, mergeBy('type'))),
  fullyLabeledReplicas: omit(int32()),
  observedGeneration: omit(int64()),
  readyReplicas: omit(int32()),
  replicas: always(int32()),
})
export type ReplicationControllerStatus = Static<typeof replicationControllerStatusSchema>

export const replicationControllerSchema = objectSchema(
  'ReplicationController',
  {
    spec: always(replicationControllerSpecSchema, {
      mandatory: false,
      description: 'Which pods, and how many.',
    }),
    status: always(replicationControllerStatusSchema, {
      mandatory: false,
      description: 'How many there are.',
    }),
  },
  {
    schemaName: 'io.k8s.api.core.v1.ReplicationController',
    description: 'Keeps a number of pods of one kind running.',
  },
)
export type ReplicationController = Static<typeof replicationControllerSchema>

/** Selector and labels come from the template where they are left out. */
function withDefaults(next: ReplicationController): ReplicationController {
  const labels = next.spec.template?.metadata.labels
  const has = (map: Record<string, string> | undefined) => map !== undefined && Object.keys(map).length > 0
  return {
    ...next,
    metadata:
      has(next.metadata.labels) || !has(labels) ? next.metadata : { ...next.metadata, labels: { ...labels } },
    spec: {
      ...next.spec,
      replicas: next.spec.replicas ?? 1,
      ...(has(next.spec.selector) || !has(labels) ? {} : { selector: { ...labels } }),
      ...(next.spec.template === undefined ? {} : { template: withTemplateDefaults(next.spec.template) }),
    },
  }
}

function validate({ spec }: ReplicationController): FieldError[] {
  const selector = Object.entries(spec.selector ?? {})
  const errors = nonNegative('spec.replicas', spec.replicas)
  if (selector.length === 0) errors.push(required('spec.selector'))
  if (spec.template === undefined) return [...errors, required('spec.template')]
  const labels = spec.template.metadata.labels ?? {}
  if (!selector.every(([key, value]) => labels[key] === value)) {
    errors.push(
      invalidValue('spec.template.metadata.labels', labels, '`selector` does not match template `labels`'),
    )
  }
  return [
    ...errors,
    ...validatePodSpec(spec.template.spec, 'spec.template.spec', { restartPolicies: ['Always'] }),
  ]
}

export const replicationControllers = defineKind<ReplicationController>({
  group: '',
  version: 'v1',
  kind: 'ReplicationController',
  plural: 'replicationcontrollers',
  shortNames: ['rc'],
  categories: ['all'],
  namespaced: true,
  storageVersionHash: 'Jond2If31h0=',
  subresources: [{ ...scaleSubresource, schema: scaleSchema }, statusOf('ReplicationController')],
  schema: replicationControllerSchema,
  schemaName: 'io.k8s.api.core.v1.ReplicationController',
  columns: [
    nameColumn,
    numberColumn('Desired', 'Pods that there should be.', (rc) => rc.spec.replicas ?? 0),
    numberColumn('Current', 'Pods that there are.', (rc) => rc.status.replicas),
    numberColumn('Ready', 'Pods that are ready.', (rc) => rc.status.readyReplicas ?? 0),
    ageColumn(),
    ...containerColumns<ReplicationController>((rc) => rc.spec.template?.spec),
    wideColumn('Selector', 'Labels that pick its pods.', (rc) => formatLabels(rc.spec.selector)),
  ],
  fieldSelectors: { 'status.replicas': (rc) => String(rc.status.replicas) },
  hooks: statusHooks<ReplicationController>({
    initialStatus: { replicas: 0 },
    defaults: withDefaults,
    validate,
  }),
})
