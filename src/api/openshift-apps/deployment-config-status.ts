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
  time,
} from '../../machinery/schema.ts'
import { structIn } from '../common/struct-in.ts'
import { objectReferenceSchema } from '../core/object-reference.ts'

const struct = structIn('com.github.openshift.api.apps.v1')

export const deploymentCauseImageTriggerSchema = struct('DeploymentCauseImageTrigger', {
  from: always(objectReferenceSchema),
})

export const deploymentCauseSchema = struct('DeploymentCause', {
  type: always(goString()),
  imageTrigger: pointer(deploymentCauseImageTriggerSchema),
})
export type DeploymentCause = Static<typeof deploymentCauseSchema>

export const deploymentDetailsSchema = struct('DeploymentDetails', {
  causes: orNull(list(deploymentCauseSchema)),
  message: omit(goString()),
})
export type DeploymentDetails = Static<typeof deploymentDetailsSchema>

export const deploymentConditionSchema = struct('DeploymentCondition', {
  type: always(goString()),
  lastTransitionTime: orNull(time({ mandatory: false })),
  lastUpdateTime: orNull(time({ mandatory: false })),
  message: omit(goString()),
  reason: omit(goString()),
  status: always(goString()),
})
export type DeploymentCondition = Static<typeof deploymentConditionSchema>

export const deploymentConfigStatusSchema = struct('DeploymentConfigStatus', {
  availableReplicas: always(int32()),
  conditions: omit(list(deploymentConditionSchema, mergeBy('type'))),
  details: pointer(deploymentDetailsSchema, { description: 'Why the latest rollout was started.' }),
  latestVersion: always(int64({ description: 'Number of the latest rollout.' })),
  observedGeneration: always(int64()),
  readyReplicas: omit(int32()),
  replicas: always(int32()),
  unavailableReplicas: always(int32()),
  updatedReplicas: always(int32()),
})
export type DeploymentConfigStatus = Static<typeof deploymentConfigStatusSchema>
