import { parseCron } from '../../machinery/cron.ts'
import { parseDuration } from '../../machinery/duration.ts'
import type { FieldError } from '../../machinery/errors.ts'
import { defineKind } from '../../machinery/kind.ts'
import { objectSchema } from '../../machinery/meta-schema.ts'
import {
  always,
  goBool,
  goString,
  int32,
  int64,
  list,
  omit,
  orNull,
  pointer,
  raw,
  type Static,
  stringMap,
  time,
} from '../../machinery/schema.ts'
import { nameColumn } from '../../machinery/table.ts'
import { ageColumn } from '../common/columns.ts'
import { statusHooks } from '../common/status-hooks.ts'
import { structIn } from '../common/struct-in.ts'
import { statusOf } from '../common/subresources.ts'

const struct = structIn('io.openshift.imageregistry.v1')

export const imagePrunerSpecSchema = struct('ImagePrunerSpec', {
  schedule: always(goString(), {
    mandatory: false,
    description: 'When to prune, as a CronJob has it, in UTC; empty is 0 0 * * *.',
  }),
  suspend: pointer(goBool(), { description: 'Nothing is pruned while this is true.' }),
  keepTagRevisions: pointer(int64(), { description: 'How many revisions of each tag stay; 3 if not said.' }),
  keepYoungerThan: pointer(int64(), {
    description: 'Nanoseconds; what is younger stays. keepYoungerThanDuration goes before it.',
  }),
  keepYoungerThanDuration: pointer(goString(), { description: 'What is younger stays; 60m if not said.' }),
  resources: pointer(raw(), { description: 'Of the pod that prunes; there is none here.' }),
  affinity: pointer(raw(), { description: 'Of the pod that prunes; there is none here.' }),
  nodeSelector: omit(stringMap(), { description: 'Of the pod that prunes; there is none here.' }),
  tolerations: omit(list(raw()), { description: 'Of the pod that prunes; there is none here.' }),
  successfulJobsHistoryLimit: pointer(int32(), { description: 'Jobs that are kept; there are none here.' }),
  failedJobsHistoryLimit: pointer(int32(), { description: 'Jobs that are kept; there are none here.' }),
  ignoreInvalidImageReferences: omit(goBool(), {
    description: 'Go on although some references cannot be read.',
  }),
  logLevel: omit(goString(), { description: 'Normal, or Debug, Trace or TraceAll to log each step.' }),
})
export type ImagePrunerSpec = Static<typeof imagePrunerSpecSchema>

export const operatorConditionSchema = struct('OperatorCondition', {
  type: always(goString()),
  status: always(goString()),
  lastTransitionTime: orNull(time(), { mandatory: false }),
  reason: omit(goString()),
  message: omit(goString()),
})
export type OperatorCondition = Static<typeof operatorConditionSchema>

export const imagePrunerStatusSchema = struct('ImagePrunerStatus', {
  observedGeneration: always(int64(), { mandatory: false }),
  conditions: omit(list(operatorConditionSchema)),
})
export type ImagePrunerStatus = Static<typeof imagePrunerStatusSchema>

export const imagePrunerSchema = objectSchema(
  'ImagePruner',
  {
    spec: always(imagePrunerSpecSchema),
    status: always(imagePrunerStatusSchema, { mandatory: false }),
  },
  {
    schemaName: 'io.openshift.imageregistry.v1.ImagePruner',
    description: 'When images are pruned, and what stays. The one named cluster counts.',
  },
)
export type ImagePruner = Static<typeof imagePrunerSchema>

const logLevels = ['', 'Normal', 'Debug', 'Trace', 'TraceAll']

function validate({ spec }: ImagePruner): FieldError[] {
  const errors: FieldError[] = []
  const invalid = (name: string, value: unknown, detail: string) =>
    errors.push({ type: 'Invalid value', field: `spec.${name}`, value, detail })
  const schedule = spec.schedule === '' ? '' : parseCron(spec.schedule)
  if (typeof schedule === 'string' && schedule !== '') invalid('schedule', spec.schedule, schedule)
  for (const name of ['keepTagRevisions', 'keepYoungerThan'] as const) {
    if ((spec[name] ?? 0) < 0) invalid(name, spec[name], 'must be greater than or equal to 0')
  }
  const age = spec.keepYoungerThanDuration
  if (age !== undefined && !((parseDuration(age) ?? -1) >= 0))
    invalid('keepYoungerThanDuration', age, 'must be a duration such as 90m')
  if (!logLevels.includes(spec.logLevel ?? ''))
    errors.push({
      type: 'Unsupported value',
      field: 'spec.logLevel',
      value: spec.logLevel,
      detail: `supported values: ${logLevels.map((level) => JSON.stringify(level)).join(', ')}`,
    })
  return errors
}

export const imagePruners = defineKind<ImagePruner>({
  group: 'imageregistry.operator.openshift.io',
  version: 'v1',
  kind: 'ImagePruner',
  plural: 'imagepruners',
  namespaced: false,
  subresources: [statusOf('ImagePruner')],
  schema: imagePrunerSchema,
  schemaName: 'io.openshift.imageregistry.v1.ImagePruner',
  columns: [nameColumn, ageColumn()],
  hooks: statusHooks<ImagePruner>({ initialStatus: { observedGeneration: 0 }, validate }),
})
