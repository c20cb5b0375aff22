import {
  always,
  goString,
  int64,
  intOrString,
  list,
  omit,
  orNull,
  pointer,
  type Static,
  stringMap,
} from '../../machinery/schema.ts'
import { structIn } from '../common/struct-in.ts'
import { envVarSchema } from '../core/env-var.ts'
import { objectReferenceSchema } from '../core/object-reference.ts'
import { resourceRequirementsSchema } from '../core/resource-requirements.ts'

const struct = structIn('com.github.openshift.api.apps.v1')

export const customDeploymentStrategyParamsSchema = struct('CustomDeploymentStrategyParams', {
  command: omit(list(goString())),
  environment: omit(list(envVarSchema)),
  image: omit(goString()),
})

export const execNewPodHookSchema = struct('ExecNewPodHook', {
  command: orNull(list(goString())),
  containerName: always(goString()),
  env: omit(list(envVarSchema)),
  volumes: omit(list(goString())),
})

export const tagImageHookSchema = struct('TagImageHook', {
  containerName: always(goString()),
  to: always(objectReferenceSchema),
})

export const lifecycleHookSchema = struct('LifecycleHook', {
  execNewPod: pointer(execNewPodHookSchema),
  failurePolicy: always(goString()),
  tagImages: omit(list(tagImageHookSchema)),
})
export type LifecycleHook = Static<typeof lifecycleHookSchema>

export const recreateDeploymentStrategyParamsSchema = struct('RecreateDeploymentStrategyParams', {
  mid: pointer(lifecycleHookSchema),
  post: pointer(lifecycleHookSchema),
  pre: pointer(lifecycleHookSchema),
  timeoutSeconds: omit(int64()),
})

export const rollingDeploymentStrategyParamsSchema = struct('RollingDeploymentStrategyParams', {
  intervalSeconds: pointer(int64()),
  maxSurge: pointer(intOrString()),
  maxUnavailable: pointer(intOrString()),
  post: pointer(lifecycleHookSchema),
  pre: pointer(lifecycleHookSchema),
  timeoutSeconds: omit(int64()),
  updatePeriodSeconds: pointer(int64()),
})

export const deploymentStrategySchema = struct('DeploymentStrategy', {
  type: omit(goString()),
  activeDeadlineSeconds: pointer(int64()),
  annotations: omit(stringMap()),
  customParams: pointer(customDeploymentStrategyParamsSchema),
  labels: omit(stringMap()),
  recreateParams: pointer(recreateDeploymentStrategyParamsSchema),
  resources: always(resourceRequirementsSchema, { mandatory: false }),
  rollingParams: pointer(rollingDeploymentStrategyParamsSchema),
})
export type DeploymentStrategy = Static<typeof deploymentStrategySchema>
