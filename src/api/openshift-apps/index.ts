import type { Kind } from '../../machinery/kind.ts'
import { deploymentConfigs } from './deployment-config.ts'

export type { DeploymentConfig } from './deployment-config.ts'
export { deploymentConfigSchema, deploymentConfigs } from './deployment-config.ts'
export { withDeploymentConfigDefaults } from './deployment-config-defaults.ts'
export type {
  DeploymentConfigSpec,
  DeploymentTriggerImageChangeParams,
  DeploymentTriggerPolicy,
} from './deployment-config-spec.ts'
export type {
  DeploymentCause,
  DeploymentCondition,
  DeploymentConfigStatus,
  DeploymentDetails,
} from './deployment-config-status.ts'
export type {
  DeploymentConfigRollback,
  DeploymentConfigRollbackSpec,
  DeploymentRequest,
} from './deployment-request.ts'
export { deploymentConfigRollbackSchema, deploymentRequestSchema } from './deployment-request.ts'
export type { DeploymentStrategy, LifecycleHook } from './deployment-strategy.ts'
export { triggerErrors, triggeredContainers } from './validate-triggers.ts'

export const openshiftAppsKinds: readonly Kind[] = [deploymentConfigs]
