import type { FieldError } from '../../machinery/errors.ts'
import { defineKind } from '../../machinery/kind.ts'
import { labelSelectorSchema, objectSchema } from '../../machinery/meta-schema.ts'
import {
  always,
  goBool,
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
import { ageColumn, textColumn, wideColumn } from '../common/columns.ts'
import { immutable, nonNegative, oneOf } from '../common/field-errors.ts'
import { formatSelector, selectorErrors } from '../common/label-selector.ts'
import { statusHooks } from '../common/status-hooks.ts'
import { structIn } from '../common/struct-in.ts'
import { scaleSubresource, statusOf } from '../common/subresources.ts'
import { withTemplateDefaults } from '../core/pod-defaults.ts'
import { podTemplateSpecSchema } from '../core/pod-template-spec.ts'
import { validatePodSpec } from '../core/validate-pod-spec.ts'
import { containerColumns } from '../core/workload-columns.ts'

const struct = structIn('io.k8s.api.apps.v1')

export const rollingUpdateDeploymentSchema = struct('RollingUpdateDeployment', {
  maxSurge: pointer(intOrString()),
  maxUnavailable: pointer(intOrString()),
})

export const deploymentStrategySchema = struct('DeploymentStrategy', {
  type: omit(goString()),
  rollingUpdate: pointer(rollingUpdateDeploymentSchema),
})
export type DeploymentStrategy = Static<typeof deploymentStrategySchema>

export const deploymentSpecSchema = struct(
  'DeploymentSpec',
  {
    minReadySeconds: omit(
      int32({ description: 'Seconds that a pod must have been ready to count as available.' }),
    ),
    paused: omit(goBool({ description: 'Holds the rollout of changes.' })),
    progressDeadlineSeconds: pointer(
      int32({ description: "Seconds after which a rollout that doesn't progress has failed." }),
    ),
    replicas: pointer(int32({ description: 'Pods that there should be; 1 if left out.' })),
    revisionHistoryLimit: pointer(int32({ description: 'Old ReplicaSets that are kept, to go back to.' })),
    selector: pointer(labelSelectorSchema, {
      mandatory: true,
      description: "Picks its pods. It can't be changed later.",
    }),
    strategy: always(deploymentStrategySchema, {
      mandatory: false,
      description: 'How old pods are replaced.',
      'x-kubernetes-patch-strategy': 'retainKeys',
    }),
    template: always(podTemplateSpecSchema, { description: 'What its pods look like.' }),
  },
  { description: 'What a Deployment should run.' },
)
export type DeploymentSpec = Static<typeof deploymentSpecSchema>

export const deploymentConditionSchema = struct('DeploymentCondition', {
  type: always(goString()),
  lastTransitionTime: orNull(time({ mandatory: false })),
  lastUpdateTime: orNull(time({ mandatory: false })),
  message: omit(goString()),
  reason: omit(goString()),
  status: always(goString()),
})
export type DeploymentCondition = Static<typeof deploymentConditionSchema>

export const deploymentStatusSchema = struct('DeploymentStatus', {
  availableReplicas: omit(int32()),
  collisionCount: pointer(int32()),
  conditions: omit(list(deploymentConditionSchema, mergeBy('type'))),
  observedGeneration: omit(int64()),
  readyReplicas: omit(int32()),
  replicas: omit(int32()),
  terminatingReplicas: pointer(int32()),
  unavailableReplicas: omit(int32()),
  updatedReplicas: omit(int32()),
})
export type DeploymentStatus = Static<typeof deploymentStatusSchema>

export const deploymentSchema = objectSchema(
  'Deployment',
  {
    spec: always(deploymentSpecSchema, { mandatory: false, description: 'What should run.' }),
    status: always(deploymentStatusSchema, { mandatory: false, description: 'What runs.' }),
  },
  {
    schemaName: 'io.k8s.api.apps.v1.Deployment',
    description: 'Runs pods, and replaces them step by step when their template changes.',
  },
)
export type Deployment = Static<typeof deploymentSchema>

function strategyWithDefaults(strategy: DeploymentStrategy): DeploymentStrategy {
  const type = strategy.type || 'RollingUpdate'
  if (type !== 'RollingUpdate') return { ...strategy, type }
  const { maxSurge = '25%', maxUnavailable = '25%' } = strategy.rollingUpdate ?? {}
  return { ...strategy, type, rollingUpdate: { maxUnavailable, maxSurge } }
}

function withDefaults(next: Deployment): Deployment {
  const { spec } = next
  return {
    ...next,
    spec: {
      ...spec,
      replicas: spec.replicas ?? 1,
      template: withTemplateDefaults(spec.template),
      strategy: strategyWithDefaults(spec.strategy),
      revisionHistoryLimit: spec.revisionHistoryLimit ?? 10,
      progressDeadlineSeconds: spec.progressDeadlineSeconds ?? 600,
    },
  }
}

function validate({ spec }: Deployment): FieldError[] {
  return [
    ...nonNegative('spec.replicas', spec.replicas),
    ...selectorErrors(spec.selector, spec.template.metadata.labels, 'deployment'),
    ...validatePodSpec(spec.template.spec, 'spec.template.spec', { restartPolicies: ['Always'] }),
    ...oneOf('spec.strategy.type', spec.strategy.type, ['Recreate', 'RollingUpdate']),
    ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...nonNegative('spec.revisionHistoryLimit', spec.revisionHistoryLimit),
  ]
}

export const deployments = defineKind<Deployment>({
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  plural: 'deployments',
  shortNames: ['deploy'],
  categories: ['all'],
  namespaced: true,
  storageVersionHash: '8aSe+NMegvE=',
  subresources: [{ ...scaleSubresource, schema: scaleSchema }, statusOf('Deployment')],
  schema: deploymentSchema,
  schemaName: 'io.k8s.api.apps.v1.Deployment',
  columns: [
    nameColumn,
    textColumn(
      'Ready',
      'Pods that are ready, of those that there should be.',
      ({ spec, status }) => `${status.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
    ),
    textColumn(
      'Up-to-date',
      'Pods made from the present template.',
      ({ status }) => status.updatedReplicas ?? 0,
    ),
    textColumn('Available', 'Pods ready for long enough.', ({ status }) => status.availableReplicas ?? 0),
    ageColumn(),
    ...containerColumns<Deployment>((deployment) => deployment.spec.template.spec),
    wideColumn('Selector', 'Labels that pick its pods.', ({ spec }) => formatSelector(spec.selector)),
  ],
  hooks: statusHooks<Deployment>({
    initialStatus: {},
    defaults: withDefaults,
    validate,
    annotationsCount: true,
    validateChange: (next, old) => immutable('spec.selector', next.spec.selector, old.spec.selector),
  }),
})
