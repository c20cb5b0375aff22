import { formatAge } from '../../machinery/age.ts'
import type { FieldError } from '../../machinery/errors.ts'
import { defineKind } from '../../machinery/kind.ts'
import { objectSchema } from '../../machinery/meta-schema.ts'
import {
  always,
  atomic,
  goString,
  int32,
  list,
  mergeBy,
  omit,
  orNull,
  pointer,
  type Static,
  time,
} from '../../machinery/schema.ts'
import { nameColumn } from '../../machinery/table.ts'
import { ageColumn, textColumn, wideColumn } from '../common/columns.ts'
import { immutable, nonNegative, oneOf } from '../common/field-errors.ts'
import { formatSelector } from '../common/label-selector.ts'
import { statusHooks } from '../common/status-hooks.ts'
import { structIn } from '../common/struct-in.ts'
import { statusOf } from '../common/subresources.ts'
import { withTemplateDefaults } from '../core/pod-defaults.ts'
import { validatePodSpec } from '../core/validate-pod-spec.ts'
import { containerColumns } from '../core/workload-columns.ts'
import { jobSpecSchema } from './job-spec.ts'

const struct = structIn('io.k8s.api.batch.v1')

export const jobConditionSchema = struct('JobCondition', {
  type: always(goString()),
  lastProbeTime: orNull(time({ mandatory: false })),
  lastTransitionTime: orNull(time({ mandatory: false })),
  message: omit(goString()),
  reason: omit(goString()),
  status: always(goString()),
})
export type JobCondition = Static<typeof jobConditionSchema>

export const uncountedTerminatedPodsSchema = struct('UncountedTerminatedPods', {
  failed: omit(list(goString(), atomic)),
  succeeded: omit(list(goString(), atomic)),
})

export const jobStatusSchema = struct('JobStatus', {
  active: omit(int32()),
  completedIndexes: omit(goString()),
  completionTime: pointer(time()),
  conditions: omit(list(jobConditionSchema, mergeBy('type'))),
  failed: omit(int32()),
  failedIndexes: omit(goString()),
  ready: pointer(int32()),
  startTime: pointer(time()),
  succeeded: omit(int32()),
  terminating: pointer(int32()),
  uncountedTerminatedPods: pointer(uncountedTerminatedPodsSchema),
})
export type JobStatus = Static<typeof jobStatusSchema>

export const jobSchema = objectSchema(
  'Job',
  {
    spec: always(jobSpecSchema, { mandatory: false, description: 'What should run, and how often.' }),
    status: always(jobStatusSchema, { mandatory: false, description: 'How far it is.' }),
  },
  { schemaName: 'io.k8s.api.batch.v1.Job', description: 'Runs pods until enough of them succeeded.' },
)
export type Job = Static<typeof jobSchema>

/** One run of one pod, unless the counts say otherwise. */
function withDefaults(next: Job): Job {
  const { spec } = next
  const isSingle = spec.completions === undefined && spec.parallelism === undefined
  return {
    ...next,
    spec: {
      ...spec,
      parallelism: spec.parallelism ?? 1,
      ...(isSingle ? { completions: 1 } : {}),
      completionMode: spec.completionMode ?? 'NonIndexed',
      backoffLimit: spec.backoffLimit ?? 6,
      suspend: spec.suspend ?? false,
      podReplacementPolicy:
        spec.podReplacementPolicy ?? (spec.podFailurePolicy === undefined ? 'TerminatingOrFailed' : 'Failed'),
      template: withTemplateDefaults(spec.template),
    },
  }
}

function validate({ spec }: Job): FieldError[] {
  return [
    ...nonNegative('spec.parallelism', spec.parallelism),
    ...nonNegative('spec.completions', spec.completions),
    ...nonNegative('spec.backoffLimit', spec.backoffLimit),
    ...oneOf('spec.completionMode', spec.completionMode, ['NonIndexed', 'Indexed']),
    ...validatePodSpec(spec.template.spec, 'spec.template.spec', { restartPolicies: ['OnFailure', 'Never'] }),
  ]
}

function hasCondition({ status }: Job, type: string): boolean {
  return (
    status.conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false
  )
}

function statusText(job: Job): string {
  const told = ['Complete', 'Failed', 'Suspended', 'FailureTarget'].find((type) => hasCondition(job, type))
  if (told !== undefined) return told
  return job.metadata.deletionTimestamp === undefined ? 'Running' : 'Terminating'
}

function completions({ spec, status }: Job): string {
  const done = status.succeeded ?? 0
  if (spec.completions !== undefined) return `${done}/${spec.completions}`
  return (spec.parallelism ?? 1) > 1 ? `${done}/1 of ${spec.parallelism}` : `${done}/1`
}

function duration({ status }: Job, now: Date): string {
  if (status.startTime === undefined) return ''
  const end = status.completionTime === undefined ? now.getTime() : Date.parse(status.completionTime)
  return formatAge(end - Date.parse(status.startTime))
}

const hooks = statusHooks<Job>({
  initialStatus: {},
  defaults: withDefaults,
  validate,
  validateChange: (next, old) => [
    ...immutable('spec.template', next.spec.template, old.spec.template),
    ...immutable('spec.selector', next.spec.selector, old.spec.selector),
    ...immutable('spec.completionMode', next.spec.completionMode, old.spec.completionMode),
  ],
})

export const jobs = defineKind<Job>({
  group: 'batch',
  version: 'v1',
  kind: 'Job',
  plural: 'jobs',
  categories: ['all'],
  namespaced: true,
  storageVersionHash: 'mudhfqk/qZY=',
  subresources: [statusOf('Job')],
  schema: jobSchema,
  schemaName: 'io.k8s.api.batch.v1.Job',
  columns: [
    nameColumn,
    textColumn('Status', 'How far the job is.', statusText),
    textColumn('Completions', 'Pods that succeeded, of those that must.', completions),
    textColumn('Duration', 'How long it ran, or has run so far.', duration),
    ageColumn(),
    ...containerColumns<Job>((job) => job.spec.template.spec),
    wideColumn('Selector', 'Labels that pick its pods.', ({ spec }) => formatSelector(spec.selector)),
  ],
  fieldSelectors: { 'status.successful': (job) => String(job.status.succeeded ?? 0) },
  hooks: {
    ...hooks,
    prepareCreate: (next, context) => withPodLabels(hooks.prepareCreate?.(next, context) ?? next),
  },
})

/** Pods of a job are told apart by the uid of the job, which the object has by now. */
function withPodLabels(job: Job): Job {
  const { metadata, spec } = job
  if (spec.manualSelector === true || metadata.uid === undefined || metadata.name === undefined) return job
  const labels = {
    ...spec.template.metadata.labels,
    'batch.kubernetes.io/controller-uid': metadata.uid,
    'batch.kubernetes.io/job-name': metadata.name,
    'controller-uid': metadata.uid,
    'job-name': metadata.name,
  }
  return {
    ...job,
    metadata: hasEntries(metadata.labels) ? metadata : { ...metadata, labels },
    spec: {
      ...spec,
      manualSelector: false,
      selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': metadata.uid } },
      template: { ...spec.template, metadata: { ...spec.template.metadata, labels } },
    },
  }
}

function hasEntries(map: object | undefined): boolean {
  return map !== undefined && Object.keys(map).length > 0
}
