import { type Bench, contrast, settleDisk } from './measurement.ts'

const mib = 1 << 20
const size = 16 * mib

/** A blob in, over the network, stored and synced, against hashing as many bytes in memory. */
export async function measureHashing(bench: Bench): Promise<void> {
  const { load, weir, repository } = bench
  const count = bench.isQuick ? 4 : 8
  const about = {
    name: 'blob PUT 16 MiB to hashing alone',
    unit: 'MiB/s',
    better: 'higher',
    aim: 0.6,
  } as const
  await contrast(
    bench,
    about,
    async () => {
      await settleDisk()
      const job = { target: weir.registry, repository, size, count, connections: 1 }
      return (count * 16) / (await load.run({ kind: 'upload-blobs', ...job })).seconds
    },
    async () => (count * 16) / (await load.run({ kind: 'hash', size, count })).seconds,
  )
}
