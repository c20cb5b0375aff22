import { type Bench, compare, settleDisk } from './measurement.ts'

/** A whole push of a new image, request for request as skopeo and docker do it; wall time. */
export async function measurePush(bench: Bench): Promise<void> {
  const layerSize = 2 << 20
  const about = { name: 'push of 10 layers of 2 MiB', unit: 'ms', better: 'lower', aim: 2 } as const
  await compare(bench, about, async ({ registry }, round) => {
    const { repository } = bench
    const tag = `push-${round}`
    const job = { kind: 'push-image', target: registry, repository, tag, layers: 10, layerSize } as const
    await settleDisk()
    return (await bench.load.run(job)).seconds * 1000
  })
}
