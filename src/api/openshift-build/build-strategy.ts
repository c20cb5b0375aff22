import {
  always,
  goBool,
  goString,
  list,
  mergeBy,
  omit,
  pointer,
  type Static,
} from '../../machinery/schema.ts'
import { structIn } from '../common/struct-in.ts'
import { envVarSchema } from '../core/env-var.ts'
import { csiVolumeSourceSchema } from '../core/network-volume.ts'
import { localObjectReferenceSchema, objectReferenceSchema } from '../core/object-reference.ts'
import { configMapVolumeSourceSchema, secretVolumeSourceSchema } from '../core/projected-volume.ts'

const struct = structIn('com.github.openshift.api.build.v1')

export const secretSpecSchema = struct('SecretSpec', {
  mountPath: always(goString()),
  secretSource: always(localObjectReferenceSchema),
})
export type SecretSpec = Static<typeof secretSpecSchema>

export const buildVolumeMountSchema = struct('BuildVolumeMount', {
  destinationPath: always(goString()),
})

export const buildVolumeSourceSchema = struct('BuildVolumeSource', {
  type: always(goString()),
  secret: pointer(secretVolumeSourceSchema),
  configMap: pointer(configMapVolumeSourceSchema),
  csi: pointer(csiVolumeSourceSchema),
})

export const buildVolumeSchema = struct('BuildVolume', {
  name: always(goString()),
  source: always(buildVolumeSourceSchema),
  mounts: always(list(buildVolumeMountSchema, mergeBy('destinationPath'))),
})
export type BuildVolume = Static<typeof buildVolumeSchema>

export const customBuildStrategySchema = struct('CustomBuildStrategy', {
  buildAPIVersion: omit(goString()),
  env: omit(list(envVarSchema)),
  exposeDockerSocket: omit(goBool()),
  forcePull: omit(goBool()),
  from: always(objectReferenceSchema),
  pullSecret: pointer(localObjectReferenceSchema),
  secrets: omit(list(secretSpecSchema)),
})

export const dockerBuildStrategySchema = struct('DockerBuildStrategy', {
  buildArgs: omit(list(envVarSchema)),
  dockerfilePath: omit(goString()),
  env: omit(list(envVarSchema)),
  forcePull: omit(goBool()),
  from: pointer(objectReferenceSchema),
  imageOptimizationPolicy: pointer(goString()),
  noCache: omit(goBool()),
  pullSecret: pointer(localObjectReferenceSchema),
  volumes: omit(list(buildVolumeSchema, mergeBy('name'))),
})

export const sourceBuildStrategySchema = struct('SourceBuildStrategy', {
  env: omit(list(envVarSchema)),
  forcePull: omit(goBool()),
  from: always(objectReferenceSchema),
  incremental: pointer(goBool()),
  pullSecret: pointer(localObjectReferenceSchema),
  scripts: omit(goString()),
  volumes: omit(list(buildVolumeSchema, mergeBy('name'))),
})

export const jenkinsPipelineBuildStrategySchema = struct('JenkinsPipelineBuildStrategy', {
  env: omit(list(envVarSchema)),
  jenkinsfile: omit(goString()),
  jenkinsfilePath: omit(goString()),
})

export const buildStrategySchema = struct('BuildStrategy', {
  type: always(goString()),
  customStrategy: pointer(customBuildStrategySchema),
  dockerStrategy: pointer(dockerBuildStrategySchema),
  jenkinsPipelineStrategy: pointer(jenkinsPipelineBuildStrategySchema),
  sourceStrategy: pointer(sourceBuildStrategySchema),
})
export type BuildStrategy = Static<typeof buildStrategySchema>

export const dockerStrategyOptionsSchema = struct('DockerStrategyOptions', {
  buildArgs: omit(list(envVarSchema)),
  noCache: omit(goBool()),
})

export const sourceStrategyOptionsSchema = struct('SourceStrategyOptions', {
  incremental: pointer(goBool()),
})
