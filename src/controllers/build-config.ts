import { type Build, builds, imageStreams } from '../api/index.ts'
import type { Client } from '../client/client.ts'
import { isApiError } from '../machinery/errors.ts'
import { type Controller, type ObjectKey, settled } from './reconcile.ts'
import { changesSince, currentRevision, keyOf, keysOf, splitKey } from './watch-source.ts'

const outputProblem = {
  reason: 'InvalidOutputReference',
  message: 'Output image could not be resolved.',
}

const noBuilder = {
  phase: 'Pending',
  reason: 'BuilderUnavailable',
  message: 'No builder runs here: the build waits for one.',
}

/**
 * Says of each new Build why it does not run: its output stream is missing, or nobody here runs builds. The first is
 * looked at again when the stream comes (triggers.md §6.3).
 */
export function createBuildController(client: Client): Controller {
  /** Builds by the stream that they wait for. */
  const waiting = new Map<ObjectKey, Set<ObjectKey>>()
  return {
    name: 'build',
    concurrency: 2,
    maxBackoff: 30_000,
    sources: [
      keysOf<Build>(client, builds, (build) => (build.status.phase === 'New' ? [keyOf(build)] : [])),
      async function* (signal) {
        const place = await currentRevision(client, imageStreams)
        // Streams that came before that place were perhaps not told of.
        for (const keys of [...waiting.values()]) yield* keys
        for await (const { object } of changesSince(client, imageStreams, place, signal)) {
          yield* waiting.get(keyOf(object)) ?? []
        }
      },
    ],
    async reconcile(key) {
      const build = await client.get(builds, ...splitKey(key)).catch(absent)
      const output = build?.status.phase === 'New' ? outputStream(build) : undefined
      if (build?.status.phase !== 'New') return settled
      if (output !== undefined) {
        // Noted before it is looked for: a stream that comes in between is not missed.
        waiting.set(output, (waiting.get(output) ?? new Set()).add(key))
        if ((await client.get(imageStreams, ...splitKey(output)).catch(absent)) === undefined) {
          await writeStatus(client, build, { ...build.status, ...outputProblem })
          return settled
        }
        forget(output, key)
      }
      await writeStatus(client, build, { ...build.status, ...noBuilder })
      return settled
    },
  }

  function forget(stream: ObjectKey, key: ObjectKey): void {
    const keys = waiting.get(stream)
    keys?.delete(key)
    if (keys?.size === 0) waiting.delete(stream)
  }
}

async function writeStatus(client: Client, build: Build, status: Build['status']): Promise<void> {
  const { phase, reason } = build.status
  if (status.phase === phase && status.reason === reason) return
  try {
    await client.update(builds, build.metadata.namespace ?? '', { ...build, status })
  } catch (error) {
    if (!isApiError(error, 'NotFound')) throw error
  }
}

/** `namespace/stream` that the result goes to; undefined for results that go elsewhere. */
function outputStream({ spec, metadata }: Build): ObjectKey | undefined {
  const to = spec.output?.to
  if (to?.kind !== 'ImageStreamTag') return undefined
  return `${to.namespace || metadata.namespace}/${(to.name ?? '').split(':', 1)[0]}`
}

function absent(error: unknown): undefined {
  if (!isApiError(error, 'NotFound')) throw error
}
