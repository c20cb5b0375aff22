/** The load generator's process: takes a job, runs it, sends back what came out; ends with its parent. */
import { createHash } from 'node:crypto'
import { type HttpConnection, openConnection, type Target } from './http-connection.ts'
import type { Job, JobReply, JobResult, RepeatJob } from './load-job.ts'
import { expectStatus, pushImage, putBlob } from './push-blob.ts'
import { createBlob, createImage, digestOf } from './sample-blob.ts'
import { holdTransfers } from './transfers.ts'
import { triggerLatency, untilResolved } from './trigger-latency.ts'
import { watchLatency } from './watch-latency.ts'

/** As many layers as docker (5) and skopeo (6) send at a time. */
const layersAtOnce = 6

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now()
  await work()
  return (performance.now() - start) / 1000
}

async function withConnections<T>(
  target: Target,
  count: number,
  work: (connections: HttpConnection[]) => Promise<T>,
): Promise<T> {
  const connections = await Promise.all(Array.from({ length: count }, () => openConnection(target)))
  try {
    return await work(connections)
  } finally {
    for (const connection of connections) connection.close()
  }
}

async function repeat(job: RepeatJob): Promise<JobResult> {
  const { target, requests, count, connections, first = 0, seconds: most = Number.POSITIVE_INFINITY } = job
  let next = 0
  let bytes = 0
  const latencies: number[] = []
  const seconds = await withConnections(target, connections, (opened) =>
    timed(async () => {
      const end = performance.now() + most * 1000
      await Promise.all(
        opened.map(async (connection) => {
          while (next < count && performance.now() < end) {
            const index = next++
            const request = requests[index % requests.length] as RepeatJob['requests'][number]
            const number = String(first + index)
            const start = performance.now()
            const { length } = await expectStatus(
              connection,
              {
                ...request,
                path: request.path.replace('{n}', number),
                body: request.body === undefined ? undefined : [request.body.replaceAll('{n}', number)],
              },
              200,
              201,
            )
            latencies.push(performance.now() - start)
            bytes += length
          }
        }),
      )
    }),
  )
  return { seconds, bytes, latencies, digests: [] }
}

async function uploadBlobs(job: Job & { kind: 'upload-blobs' }): Promise<JobResult> {
  const blobs = Array.from({ length: job.count }, () => createBlob(job.size))
  const digests = blobs.map(({ digest }) => digest)
  const seconds = await withConnections(job.target, job.connections, (opened) =>
    timed(async () => {
      await Promise.all(
        opened.map(async (connection) => {
          for (let blob = blobs.shift(); blob !== undefined; blob = blobs.shift()) {
            await putBlob(connection, job.repository, blob)
          }
        }),
      )
    }),
  )
  return { seconds, bytes: job.count * job.size, latencies: [], digests }
}

/** What SHA-256 alone takes, in pieces as they come from a socket. */
async function hash({ size, count }: Job & { kind: 'hash' }): Promise<JobResult> {
  const piece = new Uint8Array(64 << 10)
  const seconds = await timed(async () => {
    for (let n = 0; n < count; n++) {
      const running = createHash('sha256')
      for (let at = 0; at < size; at += piece.length) running.update(piece)
      running.digest()
    }
  })
  return { seconds, bytes: size * count, latencies: [], digests: [] }
}

async function push(job: Job & { kind: 'push-image' }): Promise<JobResult> {
  const image = createImage(job.layers, job.layerSize)
  const seconds = await withConnections(job.target, layersAtOnce, (opened) =>
    timed(() => pushImage(opened, job.repository, job.tag, image)),
  )
  const digests = [digestOf([image.manifest]), ...image.layers.map(({ digest }) => digest)]
  return { seconds, bytes: job.layers * job.layerSize, latencies: [], digests }
}

function toResult(latencies: readonly number[]): JobResult {
  return { seconds: latencies.reduce((sum, ms) => sum + ms, 0) / 1000, bytes: 0, latencies, digests: [] }
}

async function run(job: Job): Promise<JobResult> {
  switch (job.kind) {
    case 'repeat':
      return repeat(job)
    case 'upload-blobs':
      return uploadBlobs(job)
    case 'push-image':
      return push(job)
    case 'watch-latency': {
      const { events, answers } = await watchLatency(job.target, job, job.count, job.watchers ?? 1)
      return { ...toResult(events), answers }
    }
    case 'hash':
      return hash(job)
    case 'transfers':
      return { seconds: 0, bytes: await holdTransfers(job), latencies: [], digests: [] }
    case 'trigger-latency':
      return toResult(await triggerLatency(job))
    case 'until-resolved':
      return toResult([await untilResolved(job.target, job.namespace, job.count)])
  }
}

function reply(message: JobReply): void {
  process.send?.(message)
}

process.on('message', (job: Job) => {
  run(job).then(
    (result) => reply({ result }),
    (error: unknown) => reply({ error: (error as Error).stack ?? String(error) }),
  )
})
process.on('disconnect', () => process.exit(0))
