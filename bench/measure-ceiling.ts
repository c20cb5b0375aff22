import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { JobResult, RepeatJob } from './load-job.ts'
import { type Bench, roundsOf } from './measurement.ts'

/**
 * What the load generator gets out of a server that does nothing. Figures of real servers well below these are the servers';
 * figures near them may be the generator's.
 */
export async function measureCeiling(bench: Bench): Promise<void> {
  const child = fork(join(import.meta.dirname, 'trivial-server.ts'))
  const [port] = (await once(child, 'message')) as [number]
  const target = { host: '127.0.0.1', port, headers: {} }
  const take = async (
    name: string,
    unit: string,
    work: () => Promise<JobResult>,
    value: (result: JobResult) => number,
  ) => {
    const values: number[] = []
    await work()
    for (let round = 0; round < roundsOf(bench); round++) {
      if (round > 0 && bench.isLate()) break
      values.push(value(await work()))
    }
    bench.report({ kind: 'figure', name: `ceiling: ${name}`, unit, values })
  }
  const repeat = (path: string, count: number): RepeatJob => {
    return { kind: 'repeat', target, requests: [{ method: 'GET', path }], count, connections: 8 }
  }
  const mibPerSecond = ({ bytes, seconds }: JobResult) => bytes / (1 << 20) / seconds
  const { load } = bench
  await take(
    'small GET',
    '/s',
    () => load.run(repeat('/', 5000)),
    ({ seconds }) => 5000 / seconds,
  )
  await take('GET 16 MiB', 'MiB/s', () => load.run(repeat('/large', 32)), mibPerSecond)
  const puts = {
    kind: 'upload-blobs',
    target,
    repository: 'r',
    size: 16 << 20,
    count: 16,
    connections: 8,
  } as const
  await take('PUT 16 MiB', 'MiB/s', () => load.run(puts), mibPerSecond)
  child.disconnect()
}
