import { type ImagePruner, imagePruners } from '../api/index.ts'
import type { Client } from '../client/client.ts'
import type { PruneContent, PruneEvent } from '../client/prune/index.ts'
import {
  lastScheduleAnnotation,
  type PrunePolicy,
  planPruner,
  prunePolicyOf,
  withCondition,
} from '../image/index.ts'
import { isApiError } from '../machinery/errors.ts'
import { formatTime } from '../machinery/object.ts'
import { type PolicyPruneResult, pruneByPolicy } from './prune-by-policy.ts'
import { recordPrune } from './prune-events.ts'
import { type Controller, settled, type Verdict } from './reconcile.ts'
import { keysOf } from './watch-source.ts'

export interface PrunerLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
}

export interface ImagePrunerDeps {
  client: Client
  content: PruneContent
  now(): Date
  log: PrunerLog
}

/** The one object that counts, as in OpenShift. */
export const prunerName = 'cluster'
/** Milliseconds between two looks at the clock, which may have been set or have slept. */
const longestWait = 60_000
/** Failures that a condition names. */
const mostTold = 5

interface Outcome {
  isFailure: boolean
  message: string
}

/**
 * Prunes on the schedule of `imagepruners/cluster` (pruning.md §10). Nothing is remembered but what stands in the object, so a
 * restart neither repeats a run nor misses one; one key means that two never run at once.
 */
export function createImagePrunerController(deps: ImagePrunerDeps): Controller {
  const { client, now } = deps
  return {
    name: 'image-pruner',
    concurrency: 1,
    sources: [keysOf(client, imagePruners)],
    async reconcile(key, signal) {
      const pruner = key === prunerName ? await find(client) : undefined
      if (pruner === undefined) return settled
      const plan = planPruner(pruner, now())
      switch (plan.kind) {
        case 'suspended':
          return report(deps, pruner, { status: 'False', reason: 'Suspended', message: 'suspend is true' })
        case 'invalid':
          return report(deps, pruner, { status: 'False', reason: 'Error', message: plan.why })
        case 'begin':
          await report(deps, pruner, scheduledFor(plan.next))
          return waitFor(plan.next, now())
        case 'wait':
          await report(deps, pruner, scheduledFor(plan.next))
          return waitFor(plan.next, now())
        case 'run': {
          const outcome = await run(prunePolicyOf(pruner.spec), deps, signal)
          signal.throwIfAborted()
          await conclude(deps, outcome, plan.scheduled)
          return { kind: 'again', after: 0, why: 'the next run is to be planned' }
        }
      }
    },
  }
}

async function find(client: Client): Promise<ImagePruner | undefined> {
  try {
    return await client.get(imagePruners, '', prunerName)
  } catch (error) {
    if (isApiError(error, 'NotFound')) return undefined
    throw error
  }
}

const scheduledFor = (next: Date) => ({
  status: 'True',
  reason: 'Scheduled',
  message: `the next run is at ${formatTime(next)}`,
})

function waitFor(next: Date, now: Date): Verdict {
  const after = Math.min(Math.max(next.getTime() - now.getTime(), 1), longestWait)
  return { kind: 'again', after, why: 'its time has not come' }
}

/** Writes the condition Scheduled where it has changed. */
async function report(
  { client, now }: ImagePrunerDeps,
  pruner: ImagePruner,
  scheduled: { status: string; reason: string; message: string },
): Promise<Verdict> {
  const time = formatTime(now())
  const available = {
    type: 'Available',
    status: 'True',
    reason: 'AsExpected',
    message: 'the server prunes by itself',
  }
  const before = pruner.status.conditions ?? []
  const conditions = withCondition(
    withCondition(before, available, time),
    { type: 'Scheduled', ...scheduled },
    time,
  )
  const status = { ...pruner.status, observedGeneration: pruner.metadata.generation ?? 0, conditions }
  if (JSON.stringify(status) !== JSON.stringify(pruner.status))
    await client.update(imagePruners, '', { ...pruner, status }, { subresource: 'status' })
  return settled
}

async function run(policy: PrunePolicy, deps: ImagePrunerDeps, signal: AbortSignal): Promise<Outcome> {
  const started = performance.now()
  const failures: string[] = []
  const tell = (event: PruneEvent) => {
    if (event.kind === 'failed') {
      failures.push(`${nameStep(event)}: ${messageOf(event.error)}`)
      deps.log.warn({ step: event.step, err: event.error }, 'pruning could not remove something')
    } else if (policy.logsSteps && event.kind === 'step') deps.log.info(event.step, 'pruning')
  }
  let result: PolicyPruneResult
  try {
    result = await pruneByPolicy(policy, { ...deps, tell, signal })
  } catch (error) {
    // What was done up to here stays done; the next run goes on.
    result = { kind: 'refused', why: messageOf(error) }
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  if (result.kind === 'refused') {
    deps.log.warn({ why: result.why, seconds }, 'pruning ended early')
    return { isFailure: true, message: result.why }
  }
  deps.log.info({ ...result.counts, failures: failures.length, seconds }, 'pruned')
  const { images, items, blobs } = result.counts
  const done = `removed ${items} tag items, ${images} images and ${blobs} blobs in ${seconds} s`
  if (failures.length === 0) return { isFailure: false, message: done }
  const more = failures.length > mostTold ? `; and ${failures.length - mostTold} more` : ''
  return { isFailure: true, message: `${done}; failed: ${failures.slice(0, mostTold).join('; ')}${more}` }
}

function nameStep({ step }: PruneEvent & { kind: 'failed' }): string {
  return 'repository' in step ? `${step.kind} of ${step.repository}` : `${step.kind} of ${step.image}`
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

/** The outcome first, then the time: killed in between, the run is made again. */
async function conclude(deps: ImagePrunerDeps, outcome: Outcome, scheduled: Date): Promise<void> {
  const { client, now } = deps
  const pruner = await find(client)
  if (pruner === undefined) return
  const { isFailure, message } = outcome
  const failed = {
    type: 'Failed',
    status: isFailure ? 'True' : 'False',
    reason: isFailure ? 'Error' : 'Complete',
    message,
  }
  const conditions = withCondition(pruner.status.conditions ?? [], failed, formatTime(now()))
  const status = { ...pruner.status, conditions }
  const stored = await client.update(imagePruners, '', { ...pruner, status }, { subresource: 'status' })
  await recordPrune(client, stored, outcome, now())
  const body = { metadata: { annotations: { [lastScheduleAnnotation]: formatTime(scheduled) } } }
  await client.patch(imagePruners, '', prunerName, { type: 'merge', body })
}
