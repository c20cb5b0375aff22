import { type Bench, compare, secondsOf, unlimited } from './measurement.ts'

const accept =
  'application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json'

/** Manifests by tag: what every pull and every look for a newer image begins with. */
export async function measureManifests(bench: Bench): Promise<void> {
  for (const method of ['GET', 'HEAD']) {
    const requests = [
      { method, path: `/v2/${bench.repository}/manifests/${bench.tag}`, headers: { Accept: accept } },
    ]
    const about = {
      name: `manifest ${method} by tag, 8 connections`,
      unit: '/s',
      better: 'higher',
      aim: 20,
    } as const
    await compare(bench, about, async ({ registry }) => {
      const { seconds, latencies } = await bench.load.run({
        kind: 'repeat',
        target: registry,
        requests,
        count: unlimited,
        seconds: secondsOf(bench),
        connections: 8,
      })
      return latencies.length / seconds
    })
  }
}
