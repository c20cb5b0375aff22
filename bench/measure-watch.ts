import { type Bench, namespace, roundsOf } from './measurement.ts'
import { percentile } from './statistics.ts'
import { createStream } from './stream-requests.ts'

/** From a patch of a stream to its event in a watch. */
export async function measureWatch(bench: Bench): Promise<void> {
  const target = bench.weir.api
  const stream = 'watched'
  await bench.load.run({
    kind: 'repeat',
    target,
    requests: [createStream(namespace, stream)],
    count: 1,
    connections: 1,
  })
  const count = bench.isQuick ? 50 : 200
  const p50: number[] = []
  const p99: number[] = []
  for (let round = 0; round <= roundsOf(bench); round++) {
    if (round > 1 && bench.isLate()) break
    const { latencies } = await bench.load.run({ kind: 'watch-latency', target, namespace, stream, count })
    if (round === 0) continue
    p50.push(percentile(latencies, 0.5))
    p99.push(percentile(latencies, 0.99))
  }
  bench.report({
    kind: 'figure',
    name: 'patch to watch event, p50',
    unit: 'ms',
    values: p50,
    known: '5.8 ms',
  })
  bench.report({ kind: 'figure', name: 'patch to watch event, p99', unit: 'ms', values: p99 })
}
