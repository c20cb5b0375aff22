import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Bench } from './measurement.ts'
import { startWeir } from './peers.ts'
import { residentMemory } from './resident-memory.ts'

/**
 * The first start makes everything, compiled code included; the second finds it. Memory a moment after the second, when
 * nobody has asked anything yet.
 */
export async function measureStart(bench: Bench, dir: string): Promise<void> {
  const first: number[] = []
  const second: number[] = []
  const memory: number[] = []
  for (let round = 0; round < (bench.isQuick ? 2 : 4); round++) {
    if (round > 0 && bench.isLate()) break
    const home = join(dir, `start-${round}`)
    {
      await using weir = await startWeir(home)
      first.push(weir.startMs)
    }
    await using weir = await startWeir(home)
    second.push(weir.startMs)
    await pause(500)
    memory.push(await residentMemory(weir.pid))
  }
  bench.report({ kind: 'figure', name: 'first start', unit: 'ms', values: first, known: '6 s' })
  bench.report({ kind: 'figure', name: 'second start', unit: 'ms', values: second })
  bench.report({
    kind: 'figure',
    name: 'resident memory after start',
    unit: 'MiB',
    values: memory,
    known: '1.1 GB',
  })
}
