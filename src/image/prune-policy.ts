import type { ImagePruner, ImagePrunerSpec, OperatorCondition } from '../api/index.ts'
import { nextCron, parseCron } from '../machinery/cron.ts'
import { parseDuration } from '../machinery/duration.ts'

/** The pruner that runs by itself (pruning.md §10): when, with what, and what is told of it. */

/** Time of the schedule that was last seen to; kept so that a restart neither repeats a run nor forgets one. */
export const lastScheduleAnnotation = 'weir.dev/last-schedule'

const defaultSchedule = '0 0 * * *'
const hour = 3_600_000

export interface PrunePolicy {
  keepRevisions: number
  /** Milliseconds. */
  keepYoungerThan: number
  ignoresInvalid: boolean
  /** Each step is logged, not only how it ended. */
  logsSteps: boolean
}

export function prunePolicyOf(spec: ImagePrunerSpec): PrunePolicy {
  const duration = parseDuration(spec.keepYoungerThanDuration ?? '')
  return {
    keepRevisions: spec.keepTagRevisions ?? 3,
    keepYoungerThan: duration ?? (spec.keepYoungerThan === undefined ? hour : spec.keepYoungerThan / 1e6),
    ignoresInvalid: spec.ignoreInvalidImageReferences ?? false,
    logsSteps: !['', 'Normal'].includes(spec.logLevel ?? ''),
  }
}

export type PrunerPlan =
  | { kind: 'invalid'; why: string }
  | { kind: 'suspended' }
  /** It has just been switched on: the schedule counts from now. */
  | { kind: 'begin'; next: Date }
  | { kind: 'wait'; next: Date }
  | { kind: 'run'; scheduled: Date }

/** A time that was missed, while nothing ran, is made up for once. */
export function planPruner(pruner: ImagePruner, now: Date): PrunerPlan {
  if (pruner.spec.suspend === true) return { kind: 'suspended' }
  const schedule = parseCron(pruner.spec.schedule || defaultSchedule)
  if (typeof schedule === 'string') return { kind: 'invalid', why: schedule }
  const scheduled = conditionOf(pruner, 'Scheduled')
  const next = (after: Date) => nextCron(schedule, after) as Date
  if (scheduled?.status !== 'True') return { kind: 'begin', next: next(now) }
  const due = next(lastOf(pruner, scheduled))
  if (due > now) return { kind: 'wait', next: due }
  return { kind: 'run', scheduled: newestUpTo(now, due, next) }
}

function lastOf({ metadata }: ImagePruner, { lastTransitionTime }: OperatorCondition): Date {
  const times = [metadata.annotations?.[lastScheduleAnnotation], lastTransitionTime]
  return new Date(Math.max(...times.map((time) => Date.parse(time ?? '') || 0)))
}

/** How many missed times are counted one by one; a schedule of every minute misses 1,440 a day. */
const mostMissed = 10_000

function newestUpTo(now: Date, due: Date, next: (after: Date) => Date): Date {
  let newest = due
  for (let count = 0; count < mostMissed; count++) {
    const later = next(newest)
    if (later > now) return newest
    newest = later
  }
  return now
}

export function conditionOf({ status }: ImagePruner, type: string): OperatorCondition | undefined {
  return status.conditions?.find((condition) => condition.type === type)
}

/** The conditions with this one set; the time of its last change stays while its status does. */
export function withCondition(
  conditions: readonly OperatorCondition[],
  next: Omit<OperatorCondition, 'lastTransitionTime'>,
  now: string,
): OperatorCondition[] {
  const old = conditions.find(({ type }) => type === next.type)
  const since = old?.status === next.status ? (old.lastTransitionTime ?? now) : now
  const set = { ...next, lastTransitionTime: since }
  return old === undefined ? [...conditions, set] : conditions.map((one) => (one === old ? set : one))
}
