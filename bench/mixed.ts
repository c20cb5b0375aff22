/**
 * `node bench/mixed.ts [--seconds 300] [--workers 12] [--seed N]`: an hour's worth of mixed load in five minutes; ends with 1 when
 * an answer was an error or a watcher saw anything but what a list says.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { memoryGrowth, runMixedLoad } from '../test/load/mixed-load.ts'
import { startWeir } from './peers.ts'
import { residentMemory } from './resident-memory.ts'

const { values } = parseArgs({
  options: { seconds: { type: 'string' }, workers: { type: 'string' }, seed: { type: 'string' } },
})
const dir = await mkdtemp(join(tmpdir(), 'weir-mixed-'))
try {
  await using weir = await startWeir(dir)
  const { host, port, headers, ca = '' } = weir.api
  const seed = Number(values.seed ?? Math.floor(Math.random() * 1e6))
  const seconds = Number(values.seconds ?? 300)
  const result = await runMixedLoad({
    target: {
      url: `https://${host}:${port}`,
      token: (headers.Authorization ?? '').replace('Bearer ', ''),
      ca,
    },
    seconds,
    workers: Number(values.workers ?? 12),
    seed,
    memory: () => residentMemory(weir.pid),
  })
  const { warm, end } = memoryGrowth(result.memory)
  // Garbage comes and goes: what is left after a collection of it is what may grow.
  const least = minutesOf(result.memory).map((minute) => Math.min(...minute).toFixed(0))
  const problems = [...result.errors, ...result.differences]
  process.stdout.write(
    `${result.requests} requests in ${seconds} s, ${Math.round(result.requests / seconds)} a second (seed ${seed})\n` +
      `memory ${warm.toFixed(0)} MiB when warm, ${end.toFixed(0)} MiB in the end, ${Math.max(...result.memory).toFixed(0)} MiB at most; at least, minute by minute: ${least.join(', ')}\n` +
      `watchers listed ${result.lists} times; ${result.errors.length} errors, ${result.differences.length} differences\n`,
  )
  for (const problem of problems.slice(0, 10)) process.stdout.write(`${problem}\n`)
  if (problems.length > 0) process.exitCode = 1
} finally {
  await rm(dir, { recursive: true, force: true })
}

/** One value a second, in minutes. */
function minutesOf(memory: readonly number[]): number[][] {
  const count = Math.ceil(memory.length / 60)
  return Array.from({ length: count }, (_empty, minute) => memory.slice(60 * minute, 60 * (minute + 1)))
}
