import { setTimeout as sleep } from 'node:timers/promises'
import { type Build, builds } from '../api/index.ts'
import type { BuildFiles } from '../builder/index.ts'
import type { Client } from '../client/client.ts'
import { isBuildOver } from '../image/index.ts'
import { ApiError, badRequest } from '../machinery/errors.ts'

export interface LogRequest {
  namespace: string
  name: string
  follow: boolean
  /** Answers at once, with nothing where nothing is there yet. */
  nowait: boolean
  /** Last lines only; undefined for all. */
  tailLines?: number
  /** Most bytes. */
  limitBytes?: number
  signal: AbortSignal
}

/** Milliseconds that a build is waited for to start, unless it is followed. */
const startPatience = 30_000
const pollEvery = 200

/** `builds/log`. A build that has not started is waited for. */
export async function readBuildLog(
  request: LogRequest,
  deps: { client: Client; files: BuildFiles },
): Promise<AsyncIterable<Buffer>> {
  const { namespace, name, follow, signal } = request
  const build = await started(request, deps)
  if (build === undefined) return none()
  const whole = deps.files.readLog(build.metadata.uid ?? '', { follow, signal })
  const asked = request.tailLines === undefined || follow ? whole : lastLines(whole, request.tailLines)
  if (build.status.phase === 'Error' && !deps.files.isOpen(build.metadata.uid ?? '')) {
    const problem = build.status.message ?? ''
    if (await isEmpty(deps.files, build))
      throw badRequest(`build ${namespace}/${name} is in an error state: ${problem}`)
  }
  return request.limitBytes === undefined ? asked : limited(asked, request.limitBytes)
}

/** The build once it has a log; undefined where that is not waited for. */
async function started(
  { namespace, name, follow, nowait, signal }: LogRequest,
  { client, files }: { client: Client; files: BuildFiles },
): Promise<Build | undefined> {
  for (let waited = 0; ; waited += pollEvery) {
    const build = await client.get(builds, namespace, name)
    if (isBuildOver(build) || files.isOpen(build.metadata.uid ?? '')) return build
    if (nowait || signal.aborted) return undefined
    if (!follow && waited >= startPatience) {
      const message = `timed out waiting for build ${name} to start after ${startPatience / 1000}s`
      throw new ApiError(504, 'Timeout', message)
    }
    await sleep(pollEvery, undefined, { signal }).catch(() => {})
  }
}

async function isEmpty(files: BuildFiles, { metadata }: Build): Promise<boolean> {
  const signal = AbortSignal.timeout(1000)
  for await (const _piece of files.readLog(metadata.uid ?? '', { follow: false, signal })) return false
  return true
}

async function* none(): AsyncGenerator<Buffer> {}

async function* lastLines(pieces: AsyncIterable<Buffer>, count: number): AsyncGenerator<Buffer> {
  let kept: string[] = []
  for await (const piece of pieces) {
    const lines = ((kept.pop() ?? '') + piece.toString('latin1')).split('\n')
    kept = [...kept, ...lines].slice(-count - 1)
  }
  const whole = kept.at(-1) === '' ? kept.slice(-count - 1) : kept.slice(-count)
  if (count > 0) yield Buffer.from(whole.join('\n'), 'latin1')
}

async function* limited(pieces: AsyncIterable<Buffer>, limit: number): AsyncGenerator<Buffer> {
  let room = limit
  for await (const piece of pieces) {
    yield piece.subarray(0, room)
    room -= piece.length
    if (room <= 0) return
  }
}
