import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type Bench, namespace, roundsOf } from './measurement.ts'
import { startWeir } from './peers.ts'
import { residentMemory } from './resident-memory.ts'
import { createNamespace } from './stream-requests.ts'

const gib = 1 << 30
const transfers = 64

/** The most that the process held meanwhile, MiB. */
async function peakDuring(pid: number, work: Promise<unknown>): Promise<number> {
  const over = work.then(() => true)
  let peak = 0
  for (let isOver = false; !isOver; isOver = await Promise.race([over, pause(50).then(() => false)])) {
    peak = Math.max(peak, await residentMemory(pid))
  }
  return peak
}

/**
 * What the server holds with 64 transfers of 1 GiB under way: uploads as fast as it takes them, downloads by slow readers. Each
 * moves 32 MiB at most, and none ends.
 */
export async function measureMemory(bench: Bench, dir: string): Promise<void> {
  const { load, repository } = bench
  const home = join(dir, 'memory')
  // A first start compiles everything, and would be measured with it.
  await (await startWeir(home))[Symbol.asyncDispose]()
  await using weir = await startWeir(home)
  const requests = [createNamespace(namespace)]
  await load.run({ kind: 'repeat', target: weir.api, requests, count: 1, connections: 1 })
  const size = bench.isQuick ? gib / 4 : gib
  const stored = {
    kind: 'upload-blobs',
    target: weir.registry,
    repository,
    size,
    count: 1,
    connections: 1,
  } as const
  const { digests } = await load.run(stored)
  const about = {
    kind: 'transfers',
    target: weir.registry,
    repository,
    count: transfers,
    most: 32 << 20,
  } as const
  const [digest = ''] = digests
  for (const [what, more] of [
    ['PUTs', { size: gib }],
    ['GETs', { size, digest }],
  ] as const) {
    const values: number[] = []
    for (let round = 0; round < Math.min(3, roundsOf(bench)); round++) {
      if (round > 0 && bench.isLate()) break
      const job = load.run({ ...about, ...more, seconds: bench.isQuick ? 3 : 6 })
      values.push(await peakDuring(weir.pid, job))
    }
    const name = `most memory, ${transfers} ${what} of 1 GiB (aim < 250)`
    bench.report({ kind: 'figure', name, unit: 'MiB', values })
  }
}
