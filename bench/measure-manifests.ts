import { type Bench, compare } from './measurement.ts'

const accept =
  'application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json'

/** Manifests by tag: what every pull and every look for a newer image begins with. */
export async function measureManifests(bench: Bench): Promise<void> {
  const count = bench.isQuick ? 500 : 3000
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
      const { seconds } = await bench.load.run({
        kind: 'repeat',
        target: registry,
        requests,
        count,
        connections: 8,
      })
      return count / seconds
    })
  }
}
