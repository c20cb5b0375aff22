import { formatLongAgeSince } from '../../machinery/age.ts'
import { defineKind } from '../../machinery/kind.ts'
import { objectSchema } from '../../machinery/meta-schema.ts'
import {
  always,
  goBool,
  goString,
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
import { textColumn } from '../common/columns.ts'
import { immutable } from '../common/field-errors.ts'
import { plainHooks } from '../common/plain-hooks.ts'
import { structIn } from '../common/struct-in.ts'
import { objectReferenceSchema } from '../core/object-reference.ts'
import { resourceRequirementsSchema } from '../core/resource-requirements.ts'
import { buildInputText, validateBuildInput, withStrategyDefaults } from './build-input.ts'
import { buildOutputSchema, buildPostCommitSpecSchema } from './build-output.ts'
import { buildRequestSchema } from './build-request.ts'
import { buildSourceSchema, sourceRevisionSchema } from './build-source.ts'
import { buildStrategySchema } from './build-strategy.ts'
import { buildTriggerCauseSchema } from './build-trigger.ts'

const struct = structIn('com.github.openshift.api.build.v1')

export const buildSpecSchema = struct('BuildSpec', {
  completionDeadlineSeconds: pointer(int64()),
  nodeSelector: orNull(stringMap()),
  output: always(buildOutputSchema, { mandatory: false }),
  postCommit: always(buildPostCommitSpecSchema, { mandatory: false }),
  resources: always(resourceRequirementsSchema, { mandatory: false }),
  revision: pointer(sourceRevisionSchema),
  serviceAccount: omit(goString()),
  source: always(buildSourceSchema, { mandatory: false }),
  strategy: always(buildStrategySchema),
  triggeredBy: orNull(list(buildTriggerCauseSchema)),
  mountTrustedCA: pointer(goBool()),
})
export type BuildSpec = Static<typeof buildSpecSchema>

export const buildStatusOutputToSchema = struct('BuildStatusOutputTo', {
  imageDigest: omit(goString()),
})

export const buildStatusOutputSchema = struct('BuildStatusOutput', {
  to: pointer(buildStatusOutputToSchema),
})

export const stepInfoSchema = struct('StepInfo', {
  name: omit(goString()),
  durationMilliseconds: omit(int64()),
  startTime: pointer(time()),
})

export const stageInfoSchema = struct('StageInfo', {
  name: omit(goString()),
  durationMilliseconds: omit(int64()),
  startTime: pointer(time()),
  steps: omit(list(stepInfoSchema)),
})

export const buildConditionSchema = struct('BuildCondition', {
  type: always(goString()),
  lastUpdateTime: orNull(time({ mandatory: false })),
  lastTransitionTime: orNull(time({ mandatory: false })),
  reason: omit(goString()),
  message: omit(goString()),
  status: always(goString()),
})
export type BuildCondition = Static<typeof buildConditionSchema>

export const buildStatusSchema = struct('BuildStatus', {
  cancelled: omit(goBool()),
  completionTimestamp: pointer(time()),
  config: pointer(objectReferenceSchema),
  duration: omit(int64()),
  logSnippet: omit(goString()),
  message: omit(goString()),
  output: always(buildStatusOutputSchema, { mandatory: false }),
  outputDockerImageReference: omit(goString()),
  phase: always(goString({ description: 'New, Pending, Running, Complete, Failed, Error or Cancelled.' })),
  reason: omit(goString()),
  stages: omit(list(stageInfoSchema)),
  startTimestamp: pointer(time()),
  conditions: omit(list(buildConditionSchema, mergeBy('type'))),
})
export type BuildStatus = Static<typeof buildStatusSchema>

export const buildLogSchema = struct('BuildLog', {
  kind: omit(goString()),
  apiVersion: omit(goString()),
})

export const buildSchema = objectSchema(
  'Build',
  {
    spec: always(buildSpecSchema, { mandatory: false, description: 'How it builds.' }),
    status: always(buildStatusSchema, { mandatory: false, description: 'How far it is.' }),
  },
  { schemaName: 'com.github.openshift.api.build.v1.Build', description: 'One run that builds an image.' },
)
export type Build = Static<typeof buildSchema>

const nanosecondsPerSecond = 1_000_000_000

/** `1h2m3s` of nanoseconds, as Go prints a duration of whole seconds. */
function formatNanoseconds(duration: number): string {
  const seconds = Math.round(duration / nanosecondsPerSecond)
  const parts = [Math.trunc(seconds / 3600), Math.trunc(seconds / 60) % 60, seconds % 60]
  const text = parts.map((part, index) => `${part}${'hms'[index]}`)
  return text.slice(parts.findIndex((part, index) => part > 0 || index === 2)).join('')
}

export const builds = defineKind<Build>({
  group: 'build.openshift.io',
  version: 'v1',
  kind: 'Build',
  plural: 'builds',
  categories: ['all'],
  namespaced: true,
  storageVersionHash: 'Iv+mFnvyzFc=',
  subresources: [
    { name: 'clone', kind: 'BuildRequest', verbs: ['create'], schema: buildRequestSchema },
    { name: 'details', kind: 'Build', verbs: ['update'] },
    { name: 'log', kind: 'BuildLog', verbs: ['get'], schema: buildLogSchema },
  ],
  requiresResourceVersion: true,
  schema: buildSchema,
  schemaName: 'com.github.openshift.api.build.v1.Build',
  columns: [
    nameColumn,
    textColumn('Type', 'How it builds.', ({ spec }) => spec.strategy.type),
    textColumn('From', 'Where its source comes from.', ({ spec }) => buildInputText(spec)),
    textColumn('Status', 'How far it is.', ({ status }) =>
      status.reason ? `${status.phase} (${status.reason})` : status.phase,
    ),
    textColumn('Started', 'Time since it started.', ({ status }, now) =>
      formatLongAgeSince(status.startTimestamp, now),
    ),
    textColumn('Duration', 'How long it took.', ({ status }) =>
      status.duration ? formatNanoseconds(status.duration) : '',
    ),
  ],
  fieldSelectors: {
    status: ({ status }) => status.phase,
    podName: ({ metadata }) => `${metadata.name}-build`,
  },
  hooks: plainHooks<Build>({
    defaults: (next) => ({
      ...next,
      spec: { ...next.spec, ...withStrategyDefaults(next.spec) },
      status: { ...next.status, phase: next.status.phase || 'New' },
    }),
    validate: ({ spec }) => validateBuildInput(spec, 'spec'),
    validateChange: (next, old) =>
      immutable('spec', next.spec, old.spec).map((error) => ({ ...error, detail: 'spec is immutable' })),
  }),
})
