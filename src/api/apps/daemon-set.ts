import type { FieldError } from '../../machinery/errors.ts'
import { defineKind } from '../../machinery/kind.ts'
import { labelSelectorSchema, objectSchema } from '../../machinery/meta-schema.ts'
import {
  always,
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
import { ageColumn, numberColumn, textColumn, wideColumn } from '../common/columns.ts'
import { immutable, oneOf } from '../common/field-errors.ts'
import { formatLabels, formatSelector, selectorErrors } from '../common/label-selector.ts'
import { isSameJson } from '../common/same-json.ts'
import { statusHooks } from '../common/status-hooks.ts'
import { structIn } from '../common/struct-in.ts'
import { statusOf } from '../common/subresources.ts'
import { withTemplateDefaults } from '../core/pod-defaults.ts'
import { podTemplateSpecSchema } from '../core/pod-template-spec.ts'
import { validatePodSpec } from '../core/validate-pod-spec.ts'
import { containerColumns } from '../core/workload-columns.ts'

const struct = structIn('io.k8s.api.apps.v1')

export const rollingUpdateDaemonSetSchema = struct('RollingUpdateDaemonSet', {
  maxSurge: pointer(intOrString()),
  maxUnavailable: pointer(intOrString()),
})

export const daemonSetUpdateStrategySchema = struct('DaemonSetUpdateStrategy', {
  type: omit(goString()),
  rollingUpdate: pointer(rollingUpdateDaemonSetSchema),
})

export const daemonSetSpecSchema = struct('DaemonSetSpec', {
  minReadySeconds: omit(int32()),
  revisionHistoryLimit: pointer(int32()),
  selector: pointer(labelSelectorSchema, {
    mandatory: true,
    description: "Picks its pods. It can't be changed later.",
  }),
  template: always(podTemplateSpecSchema, { description: 'What its pods look like.' }),
  updateStrategy: always(daemonSetUpdateStrategySchema, {
    mandatory: false,
    description: 'How changes of the template reach the pods.',
  }),
})
export type DaemonSetSpec = Static<typeof daemonSetSpecSchema>

export const daemonSetConditionSchema = struct('DaemonSetCondition', {
  type: always(goString()),
  lastTransitionTime: orNull(time({ mandatory: false })),
  message: omit(goString()),
  reason: omit(goString()),
  status: always(goString()),
})
export type DaemonSetCondition = Static<typeof daemonSetConditionSchema>

export const daemonSetStatusSchema = struct('DaemonSetStatus', {
  collisionCount: pointer(int32()),
  conditions: omit(list(daemonSetConditionSchema, mergeBy('type'))),
  currentNumberScheduled: always(int32()),
  desiredNumberScheduled: always(int32()),
  numberAvailable: omit(int32()),
  numberMisscheduled: always(int32()),
  numberReady: always(int32()),
  numberUnavailable: omit(int32()),
  observedGeneration: omit(int64()),
  updatedNumberScheduled: omit(int32()),
})
export type DaemonSetStatus = Static<typeof daemonSetStatusSchema>

export const daemonSetSchema = objectSchema(
  'DaemonSet',
  {
    spec: always(daemonSetSpecSchema, { mandatory: false, description: 'What should run, and where.' }),
    status: always(daemonSetStatusSchema, { mandatory: false, description: 'Where it runs.' }),
  },
  { schemaName: 'io.k8s.api.apps.v1.DaemonSet', description: 'Runs one pod on each node.' },
)
export type DaemonSet = Static<typeof daemonSetSchema>

/** Counts changes of the template; clients of the old API read it. */
const templateGeneration = 'deprecated.daemonset.template.generation'

function withDefaults(next: DaemonSet): DaemonSet {
  const { spec } = next
  const type = spec.updateStrategy.type || 'RollingUpdate'
  const { maxSurge = 0, maxUnavailable = 1 } = spec.updateStrategy.rollingUpdate ?? {}
  const rollingUpdate = { maxUnavailable, maxSurge }
  return {
    ...next,
    spec: {
      ...spec,
      template: withTemplateDefaults(spec.template),
      updateStrategy: type === 'RollingUpdate' ? { type, rollingUpdate } : { ...spec.updateStrategy, type },
      revisionHistoryLimit: spec.revisionHistoryLimit ?? 10,
    },
  }
}

function withTemplateGeneration(set: DaemonSet, value: string): DaemonSet {
  const annotations = { ...set.metadata.annotations, [templateGeneration]: value }
  return { ...set, metadata: { ...set.metadata, annotations } }
}

function validate({ spec }: DaemonSet): FieldError[] {
  return [
    ...selectorErrors(spec.selector, spec.template.metadata.labels, 'daemonset'),
    ...validatePodSpec(spec.template.spec, 'spec.template.spec', { restartPolicies: ['Always'] }),
    ...oneOf('spec.updateStrategy.type', spec.updateStrategy.type, ['OnDelete', 'RollingUpdate']),
  ]
}

const hooks = statusHooks<DaemonSet>({
  initialStatus: {
    currentNumberScheduled: 0,
    numberMisscheduled: 0,
    desiredNumberScheduled: 0,
    numberReady: 0,
  },
  defaults: withDefaults,
  validate,
  validateChange: (next, old) => immutable('spec.selector', next.spec.selector, old.spec.selector),
})

export const daemonSets = defineKind<DaemonSet>({
  group: 'apps',
  version: 'v1',
  kind: 'DaemonSet',
  plural: 'daemonsets',
  shortNames: ['ds'],
  categories: ['all'],
  namespaced: true,
  storageVersionHash: 'dd7pWHUlMKQ=',
  subresources: [statusOf('DaemonSet')],
  schema: daemonSetSchema,
  schemaName: 'io.k8s.api.apps.v1.DaemonSet',
  columns: [
    nameColumn,
    numberColumn('Desired', 'Nodes that should run a pod.', ({ status }) => status.desiredNumberScheduled),
    numberColumn('Current', 'Nodes that run one.', ({ status }) => status.currentNumberScheduled),
    numberColumn('Ready', 'Nodes whose pod is ready.', ({ status }) => status.numberReady),
    numberColumn(
      'Up-to-date',
      'Nodes whose pod is of the present template.',
      ({ status }) => status.updatedNumberScheduled ?? 0,
    ),
    numberColumn(
      'Available',
      'Nodes whose pod is ready for long enough.',
      ({ status }) => status.numberAvailable ?? 0,
    ),
    textColumn('Node Selector', 'Labels of the nodes meant.', ({ spec }) =>
      formatLabels(spec.template.spec.nodeSelector),
    ),
    ageColumn(),
    ...containerColumns<DaemonSet>((set) => set.spec.template.spec),
    wideColumn('Selector', 'Labels that pick its pods.', ({ spec }) => formatSelector(spec.selector)),
  ],
  hooks: {
    ...hooks,
    prepareCreate: (next, context) =>
      withTemplateGeneration(hooks.prepareCreate?.(next, context) ?? next, '1'),
    prepareUpdate(next, old, context) {
      const prepared = hooks.prepareUpdate?.(next, old, context) ?? next
      const count = old.metadata.annotations?.[templateGeneration] ?? '1'
      const isSame = isSameJson(prepared.spec.template, old.spec.template)
      return withTemplateGeneration(prepared, isSame ? count : String(Number(count) + 1))
    },
  },
})
