import type { DeploymentConfig, ReplicationController } from '../api/index.ts'
import { rolloutName } from './trigger-rollout.ts'
import { isCancelled, rollingBounds, rolloutPhase } from './trigger-scale.ts'

type Status = DeploymentConfig['status']

/** Status of a DeploymentConfig from its rollouts (triggers.md §5.3). `now` in RFC 3339. */
export function rolloutStatus(
  config: DeploymentConfig,
  latest: ReplicationController | undefined,
  older: readonly ReplicationController[],
  now: string,
): Status {
  const observedGeneration = config.metadata.generation ?? 0
  if (latest === undefined) return { ...config.status, observedGeneration }
  const sum = (count: (rollout: ReplicationController) => number | undefined) =>
    [latest, ...older].reduce((total, rollout) => total + (count(rollout) ?? 0), 0)
  const replicas = sum(({ status }) => status.replicas)
  const available = sum(({ status }) => status.availableReplicas)
  const ready = sum(({ status }) => status.readyReplicas)
  const { readyReplicas: _ready, ...status } = config.status
  return {
    ...status,
    observedGeneration,
    replicas,
    availableReplicas: available,
    unavailableReplicas: Math.max(replicas - available, 0),
    updatedReplicas: latest.status.replicas,
    ...(ready === 0 ? {} : { readyReplicas: ready }),
    conditions: [availability(config, available), progress(config, latest)].map((condition) =>
      stamped(condition, config, now),
    ),
  }
}

interface Condition {
  type: string
  status: string
  message: string
  reason?: string
}

function availability(config: DeploymentConfig, available: number): Condition {
  const { maxUnavailable } = rollingBounds(config)
  const isRolling = config.spec.strategy.type === 'Rolling'
  const isEnough = available > 0 && available >= config.spec.replicas - (isRolling ? maxUnavailable : 0)
  return isEnough
    ? { type: 'Available', status: 'True', message: 'Deployment config has minimum availability.' }
    : {
        type: 'Available',
        status: 'False',
        message: 'Deployment config does not have minimum availability.',
      }
}

function progress(config: DeploymentConfig, latest: ReplicationController): Condition {
  const name = rolloutName(config)
  const type = 'Progressing'
  switch (rolloutPhase(latest)) {
    case 'Complete':
      return {
        type,
        status: 'True',
        reason: 'NewReplicationControllerAvailable',
        message: `replication controller "${name}" successfully rolled out`,
      }
    case 'Failed':
      return isCancelled(latest)
        ? {
            type,
            status: 'False',
            reason: 'RolloutCancelled',
            message: `rollout of replication controller "${name}" has been cancelled`,
          }
        : {
            type,
            status: 'False',
            reason: 'ProgressDeadlineExceeded',
            message: `replication controller "${name}" has failed progressing`,
          }
    case 'Running':
      return { type, status: 'True', message: `replication controller "${name}" is progressing` }
    default:
      return {
        type,
        status: 'Unknown',
        message: `replication controller "${name}" is waiting for pod "${name}-deploy" to run`,
      }
  }
}

/** Keeps the times of a condition that says what it said before. */
function stamped(condition: Condition, { status }: DeploymentConfig, now: string) {
  const old = status.conditions?.find(({ type }) => type === condition.type)
  const isSame =
    old?.status === condition.status && old.message === condition.message && old.reason === condition.reason
  if (isSame) return old
  const lastTransitionTime = old?.status === condition.status ? old.lastTransitionTime : now
  return { ...condition, lastTransitionTime, lastUpdateTime: now }
}
