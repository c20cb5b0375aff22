import { copyFile } from 'node:fs/promises'
import { type Build, builds } from '../api/index.ts'
import type { Builder, BuildFiles, BuildJob, BuildOutcome, GitCommit } from '../builder/index.ts'
import type { Client } from '../client/client.ts'
import {
  isBuildOver,
  isInPhase,
  type PhaseChange,
  type RegistryHosts,
  type StatusPatch,
  toPhase,
} from '../image/index.ts'
import { isApiError } from '../machinery/errors.ts'
import { formatTime } from '../machinery/object.ts'
import { prepareBuild } from './build-prepare.ts'
import { type Controller, type ObjectKey, settled, type Verdict } from './reconcile.ts'
import { keyOf, keysOf, splitKey } from './watch-source.ts'

export interface BuildDeps {
  client: Client
  hosts: RegistryHosts
  builder: Builder
  files: BuildFiles
  now(): Date
  /** How many builds run at once. */
  maxConcurrent: number
  /** Milliseconds that a build may run which says nothing of it itself. */
  timeout: number
}

/** Builds that run in this process, so that others can end them. */
export interface RunningBuilds {
  /** Ends the build if it runs; its status is then written by whoever runs it. */
  cancel(key: ObjectKey): boolean
  start(key: ObjectKey): { signal: AbortSignal } & Disposable
}

export function createRunningBuilds(): RunningBuilds {
  const running = new Map<ObjectKey, AbortController>()
  return {
    cancel(key) {
      const stopping = running.get(key)
      stopping?.abort()
      return stopping !== undefined
    },
    start(key) {
      const stopping = new AbortController()
      running.set(key, stopping)
      return { signal: stopping.signal, [Symbol.dispose]: () => void running.delete(key) }
    },
  }
}

/** Milliseconds until something that was missing is looked for again. */
const askAgain = 2000
const askForBuilder = 60_000
/** Lines of the log that the status of a failed build shows. */
const snippetLines = 5

const cancelledChange: PhaseChange = {
  phase: 'Cancelled',
  reason: 'CancelledBuild',
  message: 'The build was cancelled by the user.',
}
const lostChange: PhaseChange = {
  phase: 'Error',
  reason: 'BuildPodDeleted',
  message: 'The server ended before the build was complete. Start it again.',
}

/** Runs Builds that are Pending, each to its end: one at a time, or as many as are allowed. */
export function createBuildRunner(deps: BuildDeps, running: RunningBuilds): Controller {
  const { client, builder } = deps
  return {
    name: 'build-runner',
    concurrency: deps.maxConcurrent,
    maxBackoff: 30_000,
    sources: [
      keysOf<Build>(client, builds, (build) =>
        ['Pending', 'Running'].includes(build.status.phase) ? [keyOf(build)] : [],
      ),
    ],
    async reconcile(key, stopping) {
      const build = await client.get(builds, ...splitKey(key)).catch(absent)
      if (build === undefined || isBuildOver(build) || build.status.phase === 'New') return settled
      if (build.status.cancelled === true) return write(deps, build, cancelledChange)
      // Whoever ran it did not live to write its end: in this process nobody runs it.
      if (build.status.phase === 'Running') return write(deps, build, lostChange)
      const why = await whyNot(builder, build)
      if (why !== undefined) {
        const message = `No builder runs here: ${why}. The build waits for one.`
        await write(deps, build, { phase: 'Pending', reason: 'BuilderUnavailable', message })
        return { kind: 'again', after: askForBuilder, why: 'a builder may be installed by then' }
      }
      const prepared = await prepareBuild(build, deps)
      if (prepared.kind === 'failed') return write(deps, build, prepared.change)
      if (prepared.kind === 'wait') {
        await write(deps, build, { ...prepared.change, phase: 'Pending' })
        return { kind: 'again', after: askAgain, why: prepared.change.message ?? '' }
      }
      using own = running.start(key)
      await run(deps, build, prepared.job, own.signal, stopping)
      return settled
    },
  }
}

async function whyNot(builder: Builder, { spec }: Build): Promise<string | undefined> {
  if (spec.strategy.dockerStrategy === undefined)
    return `builds of strategy ${spec.strategy.type} are not run`
  const available = await builder.available()
  return available.kind === 'unavailable' ? available.why : undefined
}

async function run(
  deps: BuildDeps,
  build: Build,
  job: BuildJob,
  cancelled: AbortSignal,
  stopping: AbortSignal,
): Promise<void> {
  const { files, builder } = deps
  const uid = build.metadata.uid ?? ''
  const more = job.output === undefined ? {} : { outputDockerImageReference: job.output }
  const log = await files.openLog(uid, job.secrets)
  try {
    await write(deps, build, { phase: 'Running' }, more)
    const { completionDeadlineSeconds } = build.spec
    const limit = completionDeadlineSeconds === undefined ? deps.timeout : completionDeadlineSeconds * 1000
    const deadline = AbortSignal.timeout(Math.min(limit, 2 ** 31 - 1))
    const signal = AbortSignal.any([cancelled, stopping, deadline])
    const outcome = await withUpload(files, build, job, (whole) => builder.run(whole, log, signal)).catch(
      (error) => {
        if (signal.aborted) return undefined
        log.write(`error: ${(error as Error).message}\n`)
        return undefined
      },
    )
    const started = await deps.client.get(builds, ...splitKey(keyOf(build))).catch(absent)
    if (started === undefined) return
    if (outcome?.commit !== undefined) await writeRevision(deps, started, outcome.commit)
    const change = toChange(outcome, { cancelled, stopping, deadline }, limit)
    await log.close()
    await write(deps, started, change, {
      ...(outcome === undefined ? {} : { stages: toStages(outcome) }),
      ...(outcome?.kind === 'complete' && outcome.digest !== undefined
        ? { output: { to: { imageDigest: outcome.digest } } }
        : {}),
      ...(change.phase === 'Failed' ? { logSnippet: log.tail(snippetLines) } : {}),
    })
  } finally {
    await log.close()
  }
}

/** Which commit it was made of, where the ref named a branch. */
async function writeRevision({ client }: BuildDeps, build: Build, git: GitCommit): Promise<void> {
  const revision = { type: 'Git', git }
  const next = { ...build, spec: { ...build.spec, revision } }
  await client
    .update(builds, build.metadata.namespace ?? '', next, { subresource: 'details' })
    .catch(absentOrChanged)
}

function absentOrChanged(error: unknown): undefined {
  if (!isApiError(error, 'NotFound') && !isApiError(error, 'Conflict')) throw error
}

/** The upload is copied: what is stopped with the server must be able to start again. */
async function withUpload<T>(
  files: BuildFiles,
  build: Build,
  job: BuildJob,
  work: (job: BuildJob) => Promise<T>,
): Promise<T> {
  if (build.spec.source.binary === undefined) return work(job)
  const kept = await files.uploadOf(build.metadata.uid ?? '')
  const upload = `${kept}.copy`
  const isThere = await copyFile(kept, upload).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
      return false
    },
  )
  return work(isThere ? { ...job, upload } : job)
}

function toChange(
  outcome: BuildOutcome | undefined,
  signals: { cancelled: AbortSignal; stopping: AbortSignal; deadline: AbortSignal },
  limit: number,
): PhaseChange {
  if (outcome?.kind === 'complete') return { phase: 'Complete' }
  if (outcome?.kind === 'failed') {
    return { phase: 'Failed', reason: outcome.reason, message: outcome.message }
  }
  if (signals.cancelled.aborted) return cancelledChange
  // It starts from the beginning when the server does.
  if (signals.stopping.aborted) return { phase: 'Pending' }
  if (signals.deadline.aborted) {
    const message = `The build was not complete after ${Math.round(limit / 1000)} seconds.`
    return { phase: 'Failed', reason: 'DeadlineExceeded', message }
  }
  const message = 'Generic Build failure - check logs for details.'
  return { phase: 'Failed', reason: 'GenericBuildFailed', message }
}

const toStages = ({ stages }: BuildOutcome): NonNullable<Build['status']['stages']> => [...stages]

/** Writes the phase, unless the build has it already. */
export async function write(
  { client, now }: Pick<BuildDeps, 'client' | 'now'>,
  build: Build,
  change: PhaseChange,
  more: StatusPatch = {},
): Promise<Verdict> {
  if (isInPhase(build, change) && Object.keys(more).length === 0) return settled
  const { name = '', namespace = '' } = build.metadata
  const status = { ...toPhase(build, change, formatTime(now())), ...more }
  await client.patch(builds, namespace, name, { type: 'merge', body: { status } }).catch(absent)
  return settled
}

function absent(error: unknown): undefined {
  if (!isApiError(error, 'NotFound')) throw error
}
