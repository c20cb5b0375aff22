import { type Bench, compare, settleDisk } from './measurement.ts'
import type { RegistryPeer } from './peers.ts'

/** Pushes to each before those that count; a server that is in use has had them, and its code has been compiled for speed. */
const pushesBefore = 25

/** A whole push of a new image, request for request as skopeo and docker do it; wall time. */
export async function measurePush(bench: Bench): Promise<void> {
  const layerSize = 2 << 20
  const push = async ({ registry }: RegistryPeer, tag: string) => {
    const { repository } = bench
    return bench.load.run({ kind: 'push-image', target: registry, repository, tag, layers: 10, layerSize })
  }
  for (let n = 0; n < pushesBefore; n++)
    for (const peer of [bench.weir, bench.peer]) await push(peer, `before-${n}`)
  const about = { name: 'push of 10 layers of 2 MiB', unit: 'ms', better: 'lower', aim: 2 } as const
  await compare(bench, about, async (peer, round) => {
    await settleDisk()
    return (await push(peer, `push-${round}`)).seconds * 1000
  })
}
