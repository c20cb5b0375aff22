import { type Build, buildConfigs, builds, imageStreams } from '../api/index.ts'
import {
  buildConfigLabel,
  configOfBuild,
  expiredBuilds,
  isBuildOver,
  isLatestOnly,
  planBuildTurn,
} from '../image/index.ts'
import { isApiError } from '../machinery/errors.ts'
import { createConfigChangeController } from './build-config-change.ts'
import {
  type BuildDeps,
  createBuildRunner,
  createRunningBuilds,
  type RunningBuilds,
  write,
} from './build-runner.ts'
import { type Controller, type ObjectKey, settled } from './reconcile.ts'
import { changesSince, currentRevision, keyOf, splitKey } from './watch-source.ts'

const outputProblem = {
  phase: 'New',
  reason: 'InvalidOutputReference',
  message: 'Output image could not be resolved.',
} as const

/** Everything that happens to Builds: their turn, their run, and their end. */
export function createBuildControllers(deps: BuildDeps): Controller[] {
  const running = createRunningBuilds()
  return [
    createConfigChangeController(deps.client),
    createBuildController(deps, running),
    createBuildRunner(deps, running),
  ]
}

/**
 * Lets new Builds go on when it is their turn (run policy) and where their output can go, ends those that are cancelled, and removes
 * what is over beyond the history limits (triggers.md §6.3).
 */
function createBuildController(deps: BuildDeps, running: RunningBuilds): Controller {
  const { client, files } = deps
  /** New Builds by what they wait for: an output stream, or the other Builds of their BuildConfig. */
  const waiting = createWaitingList()
  const uids = new Map<ObjectKey, string>()

  const siblingsOf = async (build: Build): Promise<Build[]> => {
    const config = configOfBuild(build)
    if (config === undefined) return []
    const labelSelector = `${buildConfigLabel}=${config}`
    const { items } = await client.list(builds, build.metadata.namespace ?? '', { labelSelector })
    return items.filter(({ metadata }) => metadata.uid !== build.metadata.uid)
  }

  const start = async (key: ObjectKey, build: Build) => {
    const stream = outputStream(build)
    if (stream !== undefined) {
      // Noted before it is looked for: a stream that comes in between is not missed.
      waiting.add(`stream ${stream}`, key)
      const found = await client.get(imageStreams, ...splitKey(stream)).catch(absent)
      if (found === undefined) return write(deps, build, outputProblem)
      waiting.remove(`stream ${stream}`, key)
    }
    const group = groupOf(build)
    waiting.add(group, key)
    const turn = planBuildTurn(build, await siblingsOf(build))
    if (turn.kind === 'wait') return write(deps, build, { phase: 'New' })
    waiting.remove(group, key)
    if (turn.kind === 'go') return write(deps, build, { phase: 'Pending' })
    const message = `The build was cancelled: ${turn.by} is newer.`
    return write(deps, build, { phase: 'Cancelled', reason: 'CancelledBuild', message })
  }

  const prune = async (build: Build) => {
    const config = configOfBuild(build)
    if (config === undefined) return
    const { namespace = '' } = build.metadata
    const found = await client.get(buildConfigs, namespace, config).catch(absent)
    if (found === undefined) return
    const { successfulBuildsHistoryLimit: successful, failedBuildsHistoryLimit: failed } = found.spec
    for (const { metadata } of expiredBuilds([...(await siblingsOf(build)), build], { successful, failed })) {
      await client.delete(builds, namespace, metadata.name ?? '').catch(absent)
    }
  }

  return {
    name: 'build',
    concurrency: 2,
    maxBackoff: 30_000,
    sources: [
      async function* (signal) {
        for await (const event of client.watch(builds, '', { signal })) {
          if (event.type === 'ERROR') throw new Error(event.object.message ?? 'the watch ended')
          if (event.type === 'BOOKMARK') continue
          yield keyOf(event.object)
          if (event.type === 'DELETED' || mattersToOthers(event.object)) {
            yield* waiting.of(groupOf(event.object))
          }
        }
      },
      async function* (signal) {
        const place = await currentRevision(client, imageStreams)
        // Streams that came before that place were perhaps not told of.
        yield* waiting.all()
        for await (const { object } of changesSince(client, imageStreams, place, signal)) {
          yield* waiting.of(`stream ${keyOf(object)}`)
        }
      },
    ],
    async reconcile(key) {
      const build = await client.get(builds, ...splitKey(key)).catch(absent)
      const known = uids.get(key)
      if (known !== undefined && known !== build?.metadata.uid) {
        running.cancel(key)
        uids.delete(key)
        await files.remove(known)
      }
      if (build?.status.phase !== 'New') waiting.forget(key)
      if (build === undefined) return settled
      uids.set(key, build.metadata.uid ?? '')
      if (isBuildOver(build)) {
        await files.dropUpload(build.metadata.uid ?? '')
        await prune(build)
        return settled
      }
      if (build.status.cancelled === true) {
        if (running.cancel(key)) return settled
        const message = 'The build was cancelled by the user.'
        return write(deps, build, { phase: 'Cancelled', reason: 'CancelledBuild', message })
      }
      return build.status.phase === 'New' ? start(key, build) : settled
    },
  }
}

/** A new build holds nobody up who does not know of it, but it may be the latest that others give way to. */
function mattersToOthers(build: Build): boolean {
  return build.status.phase !== 'New' || isLatestOnly(build)
}

interface WaitingList {
  add(cause: string, key: ObjectKey): void
  remove(cause: string, key: ObjectKey): void
  of(cause: string): ObjectKey[]
  all(): ObjectKey[]
  /** It waits for nothing any more. */
  forget(key: ObjectKey): void
}

function createWaitingList(): WaitingList {
  const lists = new Map<string, Set<ObjectKey>>()
  const causes = new Map<ObjectKey, Set<string>>()
  const remove = (cause: string, key: ObjectKey) => {
    drop(lists, cause, key)
    drop(causes, key, cause)
  }
  return {
    add(cause, key) {
      lists.set(cause, (lists.get(cause) ?? new Set()).add(key))
      causes.set(key, (causes.get(key) ?? new Set()).add(cause))
    },
    remove,
    of: (cause) => [...(lists.get(cause) ?? [])],
    all: () => [...causes.keys()],
    forget(key) {
      for (const cause of [...(causes.get(key) ?? [])]) remove(cause, key)
    },
  }
}

function drop(sets: Map<string, Set<string>>, from: string, what: string): void {
  const set = sets.get(from)
  set?.delete(what)
  if (set?.size === 0) sets.delete(from)
}

const groupOf = (build: Build) => `builds ${build.metadata.namespace}/${configOfBuild(build) ?? ''}`

/** `namespace/stream` that the result goes to; undefined for results that go elsewhere. */
function outputStream({ spec, metadata }: Build): ObjectKey | undefined {
  const to = spec.output?.to
  if (to?.kind !== 'ImageStreamTag') return undefined
  return `${to.namespace || metadata.namespace}/${(to.name ?? '').split(':', 1)[0]}`
}

function absent(error: unknown): undefined {
  if (!isApiError(error, 'NotFound')) throw error
}
