import type { Kind } from '../../machinery/kind.ts'
import { builds } from './build.ts'
import { buildConfigs } from './build-config.ts'

export type { Build, BuildCondition, BuildSpec, BuildStatus } from './build.ts'
export { buildSchema, builds } from './build.ts'
export type {
  BuildConfig,
  BuildConfigSpec,
  BuildConfigStatus,
  ImageChangeTriggerStatus,
} from './build-config.ts'
export { buildConfigSchema, buildConfigs } from './build-config.ts'
export { withBuildConfigDefaults } from './build-config-defaults.ts'
export type { BuildInput } from './build-input.ts'
export { buildInputText, inputReference, validateBuildInput, withStrategyDefaults } from './build-input.ts'
export type { BuildOutput, BuildPostCommitSpec } from './build-output.ts'
export type { BinaryBuildRequestOptions, BuildRequest } from './build-request.ts'
export { binaryBuildRequestOptionsSchema, buildRequestSchema } from './build-request.ts'
export type { BuildSource } from './build-source.ts'
export type { BuildStrategy, BuildVolume, SecretSpec } from './build-strategy.ts'
export type { BuildTriggerCause, BuildTriggerPolicy, ImageChangeTrigger } from './build-trigger.ts'
export { imageTriggerErrors } from './validate-image-triggers.ts'

export const buildKinds: readonly Kind[] = [buildConfigs, builds]
