import { type Bench, contrast, namespace } from './measurement.ts'

const layers = 4
const layerSize = 16 << 20

/** Imports the tag of the other registry's repository into a stream of the same name. */
function importRequest(registry: string, stream: string) {
  const body = JSON.stringify({
    apiVersion: 'image.openshift.io/v1',
    kind: 'ImageStreamImport',
    metadata: { name: stream },
    spec: {
      import: true,
      images: [
        {
          from: { kind: 'DockerImage', name: `${registry}/${namespace}/${stream}:latest` },
          to: { name: 'latest' },
          importPolicy: { insecure: true },
        },
      ],
    },
  })
  const path = `/apis/image.openshift.io/v1/namespaces/${namespace}/imagestreamimports`
  return { method: 'POST', path, headers: { 'Content-Type': 'application/json' }, body }
}

/**
 * Layers that are in the other registry only, through us, who keep them, against asking it directly. Each round has an image
 * of its own: for both it is the first reading since it was pushed.
 */
export async function measurePulls(bench: Bench): Promise<void> {
  const { load, weir, peer } = bench
  const upstream = `${peer.registry.host}:${peer.registry.port}`

  async function read(side: 'through' | 'direct', round: number): Promise<number> {
    const stream = `${side}-${round}`
    const repository = `${namespace}/${stream}`
    const push = { target: peer.registry, repository, tag: 'latest', layers, layerSize }
    const { digests } = await load.run({ kind: 'push-image', ...push })
    if (side === 'through') {
      const requests = [importRequest(upstream, stream)]
      await load.run({ kind: 'repeat', target: weir.api, requests, count: 1, connections: 1 })
    }
    const requests = digests
      .slice(1)
      .map((digest) => ({ method: 'GET', path: `/v2/${repository}/blobs/${digest}` }))
    const { registry: target } = side === 'through' ? weir : peer
    const { seconds } = await load.run({ kind: 'repeat', target, requests, count: layers, connections: 1 })
    return seconds * 1000
  }

  await contrast(
    bench,
    { name: 'cold pull-through of 64 MiB to the upstream', unit: 'ms', better: 'lower', aim: 0.87 },
    (round) => read('through', round),
    (round) => read('direct', round),
  )
}
