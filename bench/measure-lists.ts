import { type Bench, roundsOf } from './measurement.ts'
import { median } from './statistics.ts'
import { createNamespace, createStream, streamsPath } from './stream-requests.ts'

/** Lists of whole namespaces, in JSON, after how long the last byte is there. The quick run makes no 10,000 streams. */
export async function measureLists(bench: Bench): Promise<void> {
  const target = bench.weir.api
  for (const count of bench.isQuick ? [1000] : [1000, 10_000]) {
    const namespace = `list-${count}`
    await bench.load.run({
      kind: 'repeat',
      target,
      requests: [createNamespace(namespace)],
      count: 1,
      connections: 1,
    })
    const made = [createStream(namespace, 's-{n}')]
    const { seconds } = await bench.load.run({
      kind: 'repeat',
      target,
      requests: made,
      count,
      connections: 32,
    })
    if (count === 1000)
      bench.report({
        kind: 'figure',
        name: 'stream creations, 32 connections',
        unit: '/s',
        values: [count / seconds],
      })
    const requests = [{ method: 'GET', path: streamsPath(namespace) }]
    const values: number[] = []
    for (let round = 0; round <= roundsOf(bench); round++) {
      if (round > 1 && bench.isLate()) break
      const { latencies } = await bench.load.run({
        kind: 'repeat',
        target,
        requests,
        count: 5,
        connections: 1,
      })
      if (round > 0) values.push(median(latencies))
    }
    const known = count === 1000 ? '30 ms' : undefined
    bench.report({ kind: 'figure', name: `list of ${count} streams`, unit: 'ms', values, known })
  }
}
