import { formatAgeSince } from '../../machinery/age.ts'
import { defineKind } from '../../machinery/kind.ts'
import { conditionSchema, objectSchema } from '../../machinery/meta-schema.ts'
import {
  always,
  goBool,
  goString,
  int64,
  list,
  omit,
  orNull,
  pointer,
  raw,
  type Static,
  time,
} from '../../machinery/schema.ts'
import { nameColumn } from '../../machinery/table.ts'
import { textColumn } from '../common/columns.ts'
import { structIn } from '../common/struct-in.ts'
import { statusOf } from '../common/subresources.ts'

const struct = structIn('io.openshift.config.v1')

export const updateSchema = struct('Update', {
  architecture: omit(goString()),
  version: omit(goString()),
  image: omit(goString()),
  force: pointer(goBool()),
})

export const componentOverrideSchema = struct('ComponentOverride', {
  name: always(goString()),
  kind: always(goString()),
  group: always(goString()),
  namespace: always(goString()),
  unmanaged: always(goBool()),
})

export const clusterVersionCapabilitiesSpecSchema = struct('ClusterVersionCapabilitiesSpec', {
  baselineCapabilitySet: omit(goString()),
  additionalEnabledCapabilities: omit(list(goString())),
})
export type ClusterVersionCapabilitiesSpec = Static<typeof clusterVersionCapabilitiesSpecSchema>

export const signatureStoreSchema = struct('SignatureStore', {
  url: always(goString()),
  ca: pointer(raw()),
})

export const clusterVersionSpecSchema = struct('ClusterVersionSpec', {
  clusterID: always(goString()),
  desiredUpdate: pointer(updateSchema),
  upstream: omit(goString()),
  channel: omit(goString()),
  capabilities: pointer(clusterVersionCapabilitiesSpecSchema),
  signatureStores: omit(list(signatureStoreSchema)),
  overrides: omit(list(componentOverrideSchema)),
})
export type ClusterVersionSpec = Static<typeof clusterVersionSpecSchema>

export const releaseSchema = struct('Release', {
  architecture: omit(goString()),
  version: omit(goString()),
  image: omit(goString()),
  url: omit(goString()),
  channels: omit(list(goString())),
})
export type Release = Static<typeof releaseSchema>

export const updateHistorySchema = struct('UpdateHistory', {
  state: always(goString()),
  startedTime: orNull(time()),
  completionTime: orNull(time()),
  version: omit(goString()),
  image: always(goString()),
  verified: always(goBool()),
  acceptedRisks: omit(goString()),
})
export type UpdateHistory = Static<typeof updateHistorySchema>

export const clusterVersionCapabilitiesStatusSchema = struct('ClusterVersionCapabilitiesStatus', {
  enabledCapabilities: omit(list(goString())),
  knownCapabilities: omit(list(goString())),
})
export type ClusterVersionCapabilitiesStatus = Static<typeof clusterVersionCapabilitiesStatusSchema>

export const clusterOperatorStatusConditionSchema = struct('ClusterOperatorStatusCondition', {
  type: always(goString()),
  lastTransitionTime: orNull(time()),
  reason: omit(goString()),
  message: omit(goString()),
  status: always(goString()),
})
export type ClusterOperatorStatusCondition = Static<typeof clusterOperatorStatusConditionSchema>

export const conditionalUpdateRiskSchema = struct('ConditionalUpdateRisk', {
  name: always(goString()),
  url: always(goString()),
  message: always(goString()),
  matchingRules: always(list(raw())),
})

export const conditionalUpdateSchema = struct('ConditionalUpdate', {
  release: always(releaseSchema),
  risks: always(list(conditionalUpdateRiskSchema)),
  conditions: omit(list(conditionSchema)),
})

export const clusterVersionStatusSchema = struct('ClusterVersionStatus', {
  desired: always(releaseSchema),
  history: omit(list(updateHistorySchema)),
  observedGeneration: always(int64()),
  versionHash: always(goString()),
  capabilities: pointer(clusterVersionCapabilitiesStatusSchema),
  conditions: omit(list(clusterOperatorStatusConditionSchema)),
  availableUpdates: orNull(list(releaseSchema)),
  conditionalUpdates: omit(list(conditionalUpdateSchema)),
})
export type ClusterVersionStatus = Static<typeof clusterVersionStatusSchema>

export const clusterVersionSchema = objectSchema(
  'ClusterVersion',
  {
    spec: always(clusterVersionSpecSchema),
    status: pointer(clusterVersionStatusSchema),
  },
  { schemaName: 'io.openshift.config.v1.ClusterVersion', description: 'The version of the cluster.' },
)
export type ClusterVersion = Static<typeof clusterVersionSchema>

const condition = (version: ClusterVersion, type: string) =>
  version.status?.conditions?.find((one) => one.type === type)

export const clusterVersions = defineKind<ClusterVersion>({
  group: 'config.openshift.io',
  version: 'v1',
  kind: 'ClusterVersion',
  plural: 'clusterversions',
  namespaced: false,
  storageVersionHash: 'jfyZTemckiE=',
  subresources: [statusOf('ClusterVersion')],
  schema: clusterVersionSchema,
  schemaName: 'io.openshift.config.v1.ClusterVersion',
  columns: [
    nameColumn,
    textColumn(
      'Version',
      'The version that was last reached.',
      (version) => version.status?.history?.find((entry) => entry.state === 'Completed')?.version ?? '',
    ),
    textColumn('Available', 'Whether it serves.', (version) => condition(version, 'Available')?.status ?? ''),
    textColumn(
      'Progressing',
      'Whether it changes.',
      (version) => condition(version, 'Progressing')?.status ?? '',
    ),
    textColumn('Since', 'Time since that was so.', (version, now) =>
      formatAgeSince(condition(version, 'Progressing')?.lastTransitionTime, now),
    ),
    textColumn('Status', 'What it is doing.', (version) => condition(version, 'Progressing')?.message ?? ''),
  ],
})
