import { formatAgeSince } from '../../machinery/age.ts'
import type { FieldError } from '../../machinery/errors.ts'
import { defineKind } from '../../machinery/kind.ts'
import { objectSchema } from '../../machinery/meta-schema.ts'
import {
  always,
  atomic,
  goBool,
  goString,
  int32,
  int64,
  list,
  omit,
  pointer,
  type Static,
  time,
} from '../../machinery/schema.ts'
import { nameColumn } from '../../machinery/table.ts'
import { ageColumn, numberColumn, textColumn, wideColumn } from '../common/columns.ts'
import { invalidValue, nonNegative, oneOf, required } from '../common/field-errors.ts'
import { formatSelector } from '../common/label-selector.ts'
import { statusHooks } from '../common/status-hooks.ts'
import { structIn } from '../common/struct-in.ts'
import { statusOf } from '../common/subresources.ts'
import { objectReferenceSchema } from '../core/object-reference.ts'
import { withTemplateDefaults } from '../core/pod-defaults.ts'
import { validatePodSpec } from '../core/validate-pod-spec.ts'
import { containerColumns } from '../core/workload-columns.ts'
import { jobTemplateSpecSchema } from './job-spec.ts'

const struct = structIn('io.k8s.api.batch.v1')

export const cronJobSpecSchema = struct('CronJobSpec', {
  concurrencyPolicy: omit(
    goString({ description: 'What happens while a job still runs: Allow, Forbid or Replace.' }),
  ),
  failedJobsHistoryLimit: pointer(int32()),
  jobTemplate: always(jobTemplateSpecSchema, { description: 'What the jobs look like.' }),
  schedule: always(goString({ description: 'When it runs, as cron writes it.' })),
  startingDeadlineSeconds: pointer(int64()),
  successfulJobsHistoryLimit: pointer(int32()),
  suspend: pointer(goBool({ description: 'Holds it.' })),
  timeZone: pointer(goString({ description: 'Time zone of the schedule.' })),
})
export type CronJobSpec = Static<typeof cronJobSpecSchema>

export const cronJobStatusSchema = struct('CronJobStatus', {
  active: omit(list(objectReferenceSchema, atomic)),
  lastScheduleTime: pointer(time()),
  lastSuccessfulTime: pointer(time()),
})
export type CronJobStatus = Static<typeof cronJobStatusSchema>

export const cronJobSchema = objectSchema(
  'CronJob',
  {
    spec: always(cronJobSpecSchema, { description: 'What should run, and when.' }),
    status: always(cronJobStatusSchema, { mandatory: false, description: 'What ran last.' }),
  },
  { schemaName: 'io.k8s.api.batch.v1.CronJob', description: 'Runs a job at set times.' },
)
export type CronJob = Static<typeof cronJobSchema>

/** A name made from this one with a suffix must still be a job's name. */
const maxNameLength = 52

function withDefaults(next: CronJob): CronJob {
  const { spec } = next
  const { template } = spec.jobTemplate.spec
  return {
    ...next,
    spec: {
      ...spec,
      concurrencyPolicy: spec.concurrencyPolicy || 'Allow',
      suspend: spec.suspend ?? false,
      successfulJobsHistoryLimit: spec.successfulJobsHistoryLimit ?? 3,
      failedJobsHistoryLimit: spec.failedJobsHistoryLimit ?? 1,
      jobTemplate: {
        ...spec.jobTemplate,
        spec: { ...spec.jobTemplate.spec, template: withTemplateDefaults(template) },
      },
    },
  }
}

function scheduleErrors(schedule: string): FieldError[] {
  if (schedule === '') return [required('spec.schedule')]
  const isShape = schedule.startsWith('@') || schedule.trim().split(/\s+/).length === 5
  const detail = `expected exactly 5 fields, found ${schedule.trim().split(/\s+/).length}`
  return isShape ? [] : [invalidValue('spec.schedule', schedule, detail)]
}

function validate({ metadata, spec }: CronJob): FieldError[] {
  const field = 'spec.jobTemplate.spec.template.spec'
  return [
    ...scheduleErrors(spec.schedule),
    ...oneOf('spec.concurrencyPolicy', spec.concurrencyPolicy, ['Allow', 'Forbid', 'Replace']),
    ...nonNegative('spec.startingDeadlineSeconds', spec.startingDeadlineSeconds),
    ...nonNegative('spec.successfulJobsHistoryLimit', spec.successfulJobsHistoryLimit),
    ...nonNegative('spec.failedJobsHistoryLimit', spec.failedJobsHistoryLimit),
    ...validatePodSpec(spec.jobTemplate.spec.template.spec, field, {
      restartPolicies: ['OnFailure', 'Never'],
    }),
    ...((metadata.name?.length ?? 0) > maxNameLength
      ? [invalidValue('metadata.name', metadata.name, `must be no more than ${maxNameLength} characters`)]
      : []),
  ]
}

export const cronJobs = defineKind<CronJob>({
  group: 'batch',
  version: 'v1',
  kind: 'CronJob',
  plural: 'cronjobs',
  shortNames: ['cj'],
  categories: ['all'],
  namespaced: true,
  storageVersionHash: 'sd5LIXh4Fjs=',
  subresources: [statusOf('CronJob')],
  schema: cronJobSchema,
  schemaName: 'io.k8s.api.batch.v1.CronJob',
  columns: [
    nameColumn,
    textColumn('Schedule', 'When it runs, as cron writes it.', ({ spec }) => spec.schedule),
    textColumn('Timezone', 'Time zone of the schedule.', ({ spec }) => spec.timeZone ?? '<none>'),
    {
      ...textColumn<CronJob>('Suspend', 'Whether it is held.', ({ spec }) => spec.suspend ?? false),
      type: 'boolean',
    },
    numberColumn('Active', 'Jobs that run now.', ({ status }) => status.active?.length ?? 0),
    textColumn('Last Schedule', 'Time since it last ran.', ({ status }, now) =>
      status.lastScheduleTime === undefined ? '<none>' : formatAgeSince(status.lastScheduleTime, now),
    ),
    ageColumn(),
    ...containerColumns<CronJob>(({ spec }) => spec.jobTemplate.spec.template.spec),
    wideColumn('Selector', 'Labels that pick its pods.', ({ spec }) =>
      formatSelector(spec.jobTemplate.spec.selector),
    ),
  ],
  hooks: statusHooks<CronJob>({ initialStatus: {}, defaults: withDefaults, validate }),
})
