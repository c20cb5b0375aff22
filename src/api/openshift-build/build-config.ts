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
  type Static,
  stringMap,
  time,
} from '../../machinery/schema.ts'
import { nameColumn } from '../../machinery/table.ts'
import { numberColumn, textColumn } from '../common/columns.ts'
import { isSameJson } from '../common/same-json.ts'
import { statusHooks } from '../common/status-hooks.ts'
import { structIn } from '../common/struct-in.ts'
import { resourceRequirementsSchema } from '../core/resource-requirements.ts'
import { buildSchema } from './build.ts'
import { withBuildConfigDefaults } from './build-config-defaults.ts'
import { buildInputText, validateBuildInput } from './build-input.ts'
import { buildOutputSchema, buildPostCommitSpecSchema } from './build-output.ts'
import { binaryBuildRequestOptionsSchema, buildRequestSchema } from './build-request.ts'
import { buildSourceSchema, sourceRevisionSchema } from './build-source.ts'
import { buildStrategySchema } from './build-strategy.ts'
import { buildTriggerPolicySchema } from './build-trigger.ts'
import { imageTriggerErrors } from './validate-image-triggers.ts'

const struct = structIn('com.github.openshift.api.build.v1')

export const buildConfigSpecSchema = struct('BuildConfigSpec', {
  completionDeadlineSeconds: pointer(int64()),
  failedBuildsHistoryLimit: pointer(int32()),
  nodeSelector: orNull(stringMap()),
  output: always(buildOutputSchema, { mandatory: false, description: 'Where the image goes.' }),
  postCommit: always(buildPostCommitSpecSchema, { mandatory: false }),
  resources: always(resourceRequirementsSchema, { mandatory: false }),
  revision: pointer(sourceRevisionSchema),
  runPolicy: omit(
    goString({ description: 'Whether builds may run at once: Serial, SerialLatestOnly or Parallel.' }),
  ),
  serviceAccount: omit(goString()),
  source: always(buildSourceSchema, { mandatory: false, description: 'Where the source comes from.' }),
  strategy: always(buildStrategySchema, { description: 'How it is built.' }),
  successfulBuildsHistoryLimit: pointer(int32()),
  triggers: orNull(list(buildTriggerPolicySchema, { description: 'What starts a build.' })),
  mountTrustedCA: pointer(goBool()),
})
export type BuildConfigSpec = Static<typeof buildConfigSpecSchema>

export const imageStreamTagReferenceSchema = struct('ImageStreamTagReference', {
  name: omit(goString()),
  namespace: omit(goString()),
})

export const imageChangeTriggerStatusSchema = struct('ImageChangeTriggerStatus', {
  lastTriggeredImageID: omit(goString()),
  from: always(imageStreamTagReferenceSchema, { mandatory: false }),
  lastTriggerTime: pointer(time()),
})
export type ImageChangeTriggerStatus = Static<typeof imageChangeTriggerStatusSchema>

export const buildConfigStatusSchema = struct('BuildConfigStatus', {
  lastVersion: always(int64({ description: 'Number of the latest build.' })),
  imageChangeTriggers: omit(
    list(imageChangeTriggerStatusSchema, { description: 'What each image trigger saw last.' }),
  ),
})
export type BuildConfigStatus = Static<typeof buildConfigStatusSchema>

export const buildConfigSchema = objectSchema(
  'BuildConfig',
  {
    spec: always(buildConfigSpecSchema, { description: 'How to build.' }),
    status: always(buildConfigStatusSchema, { description: 'What was built last.' }),
  },
  {
    schemaName: 'com.github.openshift.api.build.v1.BuildConfig',
    description: 'A way to build an image, and what starts a build.',
  },
)
export type BuildConfig = Static<typeof buildConfigSchema>

function validate({ spec }: BuildConfig): FieldError[] {
  return [...validateBuildInput(spec, 'spec'), ...imageTriggerErrors(spec, 'spec')]
}

const hooks = statusHooks<BuildConfig>({
  initialStatus: { lastVersion: 0 },
  defaults: withBuildConfigDefaults,
  validate,
})

export const buildConfigs = defineKind<BuildConfig>({
  group: 'build.openshift.io',
  version: 'v1',
  kind: 'BuildConfig',
  plural: 'buildconfigs',
  shortNames: ['bc'],
  categories: ['all'],
  namespaced: true,
  storageVersionHash: '2ooe95Eo6Y4=',
  subresources: [
    { name: 'instantiate', kind: 'BuildRequest', verbs: ['create'], schema: buildRequestSchema },
    {
      name: 'instantiatebinary',
      kind: 'BinaryBuildRequestOptions',
      verbs: ['create'],
      schema: binaryBuildRequestOptionsSchema,
    },
    { name: 'webhooks', kind: 'Build', verbs: ['create'], schema: buildSchema },
  ],
  requiresResourceVersion: true,
  schema: buildConfigSchema,
  schemaName: 'com.github.openshift.api.build.v1.BuildConfig',
  columns: [
    nameColumn,
    textColumn('Type', 'How it builds.', ({ spec }) => spec.strategy.type),
    textColumn('From', 'Where its source comes from.', ({ spec }) => buildInputText(spec)),
    numberColumn('Latest', 'Number of the latest build.', ({ status }) => status.lastVersion),
  ],
  hooks: {
    ...hooks,
    // Status has no subresource of its own here: a write of the whole object brings it along, never backwards, and
    // it counts as a change (triggers.md §6.3).
    prepareUpdate(next, old, context) {
      const prepared = hooks.prepareUpdate?.(next, old, context) ?? next
      const lastVersion = Math.max(next.status.lastVersion, old.status.lastVersion)
      const status = { ...next.status, lastVersion }
      const isSame = isSameJson(prepared.spec, old.spec) && isSameJson(status, old.status)
      const generation = (old.metadata.generation ?? 1) + (isSame ? 0 : 1)
      return { ...prepared, metadata: { ...prepared.metadata, generation }, status }
    },
  },
})
