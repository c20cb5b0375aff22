import type { DeploymentConfig, DeploymentConfigRollback, ReplicationController } from '../api/index.ts'
import { recordedConfig, rolloutName } from './trigger-rollout.ts'

/** Going back to an earlier rollout of a DeploymentConfig: what the client is to write (cli.md §11.4, §11.6). */

export type RollbackTarget = { kind: 'rollout'; name: string } | { kind: 'none'; why: string }

/** The rollout that a request means: by its name, by its number, or the one before the latest. */
export function rollbackTarget(config: DeploymentConfig, { spec }: DeploymentConfigRollback): RollbackTarget {
  const { latestVersion } = config.status
  if (config.spec.paused === true) return { kind: 'none', why: 'cannot rollback a paused deployment config' }
  if (latestVersion === 0) return { kind: 'none', why: 'cannot rollback an undeployed config' }
  const revision = spec.revision || latestVersion - 1
  const name = spec.from.name || rolloutName(config, revision)
  if (name === rolloutName(config)) {
    return { kind: 'none', why: `version ${latestVersion} is already the latest` }
  }
  return revision < 1 && !spec.from.name
    ? { kind: 'none', why: "couldn't find deployment for rollback" }
    : { kind: 'rollout', name }
}

/**
 * The DeploymentConfig with those parts of the rollout's that were asked for, as its next version; undefined where the rollout
 * has no record. No image change trigger stays automatic: it would undo the rollback.
 */
export function applyRollback(
  config: DeploymentConfig,
  rollout: ReplicationController,
  { spec: asked }: DeploymentConfigRollback,
): DeploymentConfig | undefined {
  const to = recordedConfig(rollout)?.spec
  if (to === undefined) return undefined
  const spec = {
    ...config.spec,
    ...(asked.includeTemplate && to.template !== undefined ? { template: to.template } : {}),
    ...(asked.includeReplicationMeta ? { replicas: to.replicas, selector: to.selector ?? {} } : {}),
    ...(asked.includeStrategy ? { strategy: to.strategy } : {}),
  }
  const triggers = ((asked.includeTriggers ? to.triggers : config.spec.triggers) ?? []).map((trigger) => {
    if (trigger.imageChangeParams === undefined) return trigger
    const { automatic: _automatic, ...params } = trigger.imageChangeParams
    return { ...trigger, imageChangeParams: params }
  })
  const latestVersion = config.status.latestVersion + 1
  return { ...config, spec: { ...spec, triggers }, status: { ...config.status, latestVersion } }
}
