import type { Build, BuildStatus } from '../api/index.ts'

/** How the status of a Build goes from phase to phase. Times in RFC 3339. */

export type BuildPhase = 'New' | 'Pending' | 'Running' | 'Complete' | 'Failed' | 'Error' | 'Cancelled'

const nanosecondsPerMillisecond = 1_000_000

export interface PhaseChange {
  phase: BuildPhase
  reason?: string
  message?: string
}

/** What changes of the status, for a merge patch; null takes a field away. */
export type StatusPatch = { [K in keyof BuildStatus]?: BuildStatus[K] | null }

export function toPhase(
  { status }: Build,
  { phase, reason, message }: PhaseChange,
  now: string,
): StatusPatch {
  const isOver = !['New', 'Pending', 'Running'].includes(phase)
  const start = phase === 'Running' ? now : status.startTimestamp
  return {
    phase,
    reason: reason ?? null,
    message: message ?? null,
    conditions: conditionsOf(status, { phase, ...(reason && { reason }), ...(message && { message }) }, now),
    ...(phase === 'Pending' ? { startTimestamp: null } : {}),
    ...(phase === 'Running' ? { startTimestamp: now } : {}),
    ...(isOver
      ? {
          completionTimestamp: now,
          // A build that never ran took no time, and started when it ended.
          startTimestamp: start ?? now,
          duration: Math.max(Date.parse(now) - Date.parse(start ?? now), 0) * nanosecondsPerMillisecond,
        }
      : {}),
  }
}

/** Whether the Build is said to be there already. */
export function isInPhase({ status }: Build, { phase, reason, message }: PhaseChange): boolean {
  return (
    status.phase === phase &&
    (status.reason ?? '') === (reason ?? '') &&
    (status.message ?? '') === (message ?? '')
  )
}

/** One condition for each phase that the build was in; only the present one is true. */
function conditionsOf(status: BuildStatus, change: PhaseChange, now: string): BuildStatus['conditions'] {
  const before = status.conditions ?? []
  const others = before
    .filter(({ type }) => type !== change.phase)
    .map((condition) =>
      condition.status === 'False'
        ? condition
        : { ...condition, status: 'False', lastTransitionTime: now, lastUpdateTime: now },
    )
  const own = before.find(({ type }) => type === change.phase)
  const lastTransitionTime = own?.status === 'True' ? own.lastTransitionTime : now
  const { reason, message } = change
  return [
    ...others,
    {
      type: change.phase,
      status: 'True',
      lastTransitionTime,
      lastUpdateTime: now,
      ...(reason === undefined ? {} : { reason }),
      ...(message === undefined ? {} : { message }),
    },
  ]
}
