import type { DeploymentConfig, ReplicationController } from '../api/index.ts'
import {
  configVersionAnnotation,
  rolloutPhaseAnnotation,
  rolloutReasonAnnotation,
} from './trigger-rollout.ts'

/** How a rollout of a DeploymentConfig goes: which ReplicationController is to have how many pods next (triggers.md §5.3). */

export type RolloutPhase = 'New' | 'Pending' | 'Running' | 'Complete' | 'Failed'

export const cancelledAnnotation = 'openshift.io/deployment.cancelled'

export interface RolloutChange {
  rollout: ReplicationController
  replicas?: number
  annotations?: Record<string, string>
}

export function rolloutPhase({ metadata }: ReplicationController): RolloutPhase {
  return (metadata.annotations?.[rolloutPhaseAnnotation] ?? 'New') as RolloutPhase
}

export function rolloutVersion({ metadata }: ReplicationController): number {
  return Number(metadata.annotations?.[configVersionAnnotation] ?? 0)
}

export function isCancelled({ metadata }: ReplicationController): boolean {
  return metadata.annotations?.[cancelledAnnotation] === 'true'
}

function isOver(rollout: ReplicationController): boolean {
  const phase = rolloutPhase(rollout)
  return phase === 'Complete' || phase === 'Failed'
}

const wanted = (rollout: ReplicationController) => rollout.spec.replicas ?? 0
const available = ({ status }: ReplicationController) => status.availableReplicas ?? 0

/**
 * The next step of the newest rollout. Nothing is done before somebody who runs pods has taken notice of it; `older` are the other
 * rollouts, `now` in milliseconds.
 */
export function planRolloutStep(
  config: DeploymentConfig,
  latest: ReplicationController,
  older: readonly ReplicationController[],
  now: number,
): RolloutChange[] {
  const superseded = older.filter((rollout) => !isOver(rollout)).map(cancelSuperseded)
  if (superseded.length > 0) return superseded
  const target = config.spec.replicas
  switch (rolloutPhase(latest)) {
    case 'Complete':
      return [...scale(latest, config.spec.test ? 0 : target), ...older.flatMap((one) => scale(one, 0))]
    case 'Failed':
      return [...scale(latest, 0), ...scaleBack(older, config.spec.test ? 0 : target)]
  }
  if (isCancelled(latest)) return [fail(latest, 'cancelled by the user')]
  if (latest.status.observedGeneration === undefined || config.spec.strategy.type === 'Custom') {
    const isRecord = now >= (recordedFrom(latest, older) ?? Infinity)
    return isRecord ? [{ rollout: latest, annotations: { [rolloutPhaseAnnotation]: 'Complete' } }] : []
  }
  if (rolloutPhase(latest) !== 'Running') {
    return [{ rollout: latest, annotations: { [rolloutPhaseAnnotation]: 'Running' } }]
  }
  const isDone =
    wanted(latest) === target &&
    available(latest) >= target &&
    older.every((rollout) => wanted(rollout) === 0)
  if (isDone) return [{ rollout: latest, annotations: { [rolloutPhaseAnnotation]: 'Complete' } }]
  if (now >= rolloutDeadline(config, latest)) return [fail(latest, 'it did not become available in time')]
  return config.spec.strategy.type === 'Recreate'
    ? recreate(target, latest, older)
    : roll(config, target, latest, older)
}

/** Milliseconds that whoever runs pods has to take notice of a new rollout. */
const noticePatience = 10_000

/**
 * From when on a rollout that nobody has taken notice of counts as complete, in milliseconds: where nobody runs pods it is a record,
 * whose images are what matters (docs/decisions/036). undefined where somebody ran the ones before.
 */
export function recordedFrom(
  latest: ReplicationController,
  older: readonly ReplicationController[],
): number | undefined {
  if ([latest, ...older].some(({ status }) => status.observedGeneration !== undefined)) return undefined
  return Date.parse(latest.metadata.creationTimestamp ?? '') + noticePatience
}

/** When the rollout counts as failed unless it is done, in milliseconds. */
export function rolloutDeadline({ spec }: DeploymentConfig, { metadata }: ReplicationController): number {
  const { rollingParams, recreateParams, activeDeadlineSeconds = Infinity, type } = spec.strategy
  const timeout = (type === 'Recreate' ? recreateParams : rollingParams)?.timeoutSeconds ?? 600
  return Date.parse(metadata.creationTimestamp ?? '') + Math.min(timeout, activeDeadlineSeconds) * 1000
}

function cancelSuperseded(rollout: ReplicationController): RolloutChange {
  const change = fail(rollout, 'a newer rollout was started')
  return { ...change, annotations: { ...change.annotations, [cancelledAnnotation]: 'true' } }
}

function fail(rollout: ReplicationController, why: string): RolloutChange {
  return {
    rollout,
    annotations: { [rolloutPhaseAnnotation]: 'Failed', [rolloutReasonAnnotation]: why },
  }
}

function scale(rollout: ReplicationController, replicas: number): RolloutChange[] {
  return wanted(rollout) === replicas ? [] : [{ rollout, replicas }]
}

/** The newest rollout that was once complete gets its pods back, the others lose theirs. */
function scaleBack(older: readonly ReplicationController[], replicas: number): RolloutChange[] {
  const complete = older.filter((rollout) => rolloutPhase(rollout) === 'Complete')
  const last = complete.toSorted((a, b) => rolloutVersion(a) - rolloutVersion(b)).at(-1)
  return older.flatMap((rollout) => scale(rollout, rollout === last ? replicas : 0))
}

/** First no old pods, then the new ones. */
function recreate(
  target: number,
  latest: ReplicationController,
  older: readonly ReplicationController[],
): RolloutChange[] {
  const down = older.flatMap((rollout) => scale(rollout, 0))
  if (down.length > 0) return down
  return older.some(({ status }) => status.replicas > 0) ? [] : scale(latest, target)
}

/** New pods as far as there may be more than wanted, then old ones away as far as there may be fewer available. */
function roll(
  config: DeploymentConfig,
  target: number,
  latest: ReplicationController,
  older: readonly ReplicationController[],
): RolloutChange[] {
  const { maxSurge, maxUnavailable } = rollingBounds(config)
  const total = [latest, ...older].reduce((sum, rollout) => sum + wanted(rollout), 0)
  const up = Math.min(target - wanted(latest), target + maxSurge - total)
  if (up > 0) return scale(latest, wanted(latest) + up)
  if (wanted(latest) > target) return scale(latest, target)
  const alive = [latest, ...older].reduce((sum, rollout) => sum + available(rollout), 0)
  let spare = alive - (target - maxUnavailable)
  const changes: RolloutChange[] = []
  for (const rollout of older) {
    // Pods that are not available are missed by nobody.
    const dead = Math.max(wanted(rollout) - available(rollout), 0)
    const down = Math.min(wanted(rollout), dead + Math.max(spare, 0))
    spare -= Math.max(down - dead, 0)
    if (down > 0) changes.push(...scale(rollout, wanted(rollout) - down))
  }
  return changes
}

/** Pods that there may be beyond those wanted, and that may be missing of them; never both none. */
export function rollingBounds({ spec }: DeploymentConfig): { maxSurge: number; maxUnavailable: number } {
  const { maxSurge = '25%', maxUnavailable = '25%' } = spec.strategy.rollingParams ?? {}
  const surge = amount(maxSurge, spec.replicas, Math.ceil)
  const missing = amount(maxUnavailable, spec.replicas, Math.floor)
  return { maxSurge: surge, maxUnavailable: surge === 0 && missing === 0 ? 1 : missing }
}

function amount(value: number | string, of: number, round: (value: number) => number): number {
  if (typeof value === 'number') return value
  const percent = /^(\d+)%$/.exec(value)
  return percent === null ? 0 : round((Number(percent[1]) * of) / 100)
}

/** Rollouts that are over and kept beyond `revisionHistoryLimit`, oldest first. */
export function expiredRollouts(
  { spec }: DeploymentConfig,
  older: readonly ReplicationController[],
): ReplicationController[] {
  const idle = older.filter(
    (rollout) => isOver(rollout) && wanted(rollout) === 0 && rollout.status.replicas === 0,
  )
  const limit = spec.revisionHistoryLimit
  if (limit === undefined || idle.length <= limit) return []
  return idle.toSorted((a, b) => rolloutVersion(a) - rolloutVersion(b)).slice(0, idle.length - limit)
}
