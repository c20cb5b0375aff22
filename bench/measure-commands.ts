import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { type Bench, roundsOf } from './measurement.ts'
import { median } from './statistics.ts'

const checkout = join(import.meta.dirname, '..')
const node = join(checkout, 'node_modules', 'node', 'bin', 'node')
const weir = join(checkout, 'bin', 'weir')

/** Milliseconds from spawning to the end; NaN where the program is not there. */
function timeOf(program: string, args: readonly string[], env: NodeJS.ProcessEnv): number {
  const began = performance.now()
  const { error } = spawnSync(program, args, { env, stdio: 'ignore' })
  return error === undefined ? performance.now() - began : Number.NaN
}

/** What a command costs before it does anything: ours beside Node doing nothing, and beside kubectl. */
export async function measureCommands(bench: Bench, dir: string): Promise<void> {
  const env = { PATH: process.env.PATH, HOME: dir, XDG_CACHE_HOME: join(dir, 'cache') }
  const times = { weir: [] as number[], node: [] as number[], kubectl: [] as number[] }
  const once = () => ({
    node: timeOf(node, ['-e', '0'], env),
    weir: timeOf(weir, ['version', '--client'], env),
    kubectl: timeOf('kubectl', ['version', '--client'], env),
  })
  once()
  for (let round = 0; round < roundsOf(bench); round++) {
    if (round > 0 && bench.isLate()) break
    const runs = Array.from({ length: bench.isQuick ? 5 : 15 }, once)
    for (const name of ['weir', 'node', 'kubectl'] as const)
      times[name].push(median(runs.map((run) => run[name])))
  }
  const about = { kind: 'comparison', unit: 'ms', better: 'lower' } as const
  // At most twice as long: from 0.5 on.
  bench.report({
    ...about,
    name: 'version --client, to node -e 0',
    weir: times.weir,
    peer: times.node,
    aim: 0.5,
  })
  if (!times.kubectl.some(Number.isNaN))
    bench.report({
      ...about,
      name: 'version --client, to kubectl',
      weir: times.weir,
      peer: times.kubectl,
      aim: 1,
    })
}
