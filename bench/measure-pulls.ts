import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Target } from './http-connection.ts'
import { type Bench, contrast, namespace } from './measurement.ts'

const layers = 4
const layerSize = 16 << 20
/** Bytes a second of the usual cable: 1 Gbit. */
const linkRate = 125_000_000

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

async function startLink({ port }: Target): Promise<{ target: Target } & AsyncDisposable> {
  const child = fork(join(import.meta.dirname, 'paced-link.ts'), [String(port), String(linkRate)])
  const [own] = (await once(child, 'message')) as [number]
  return {
    target: { host: '127.0.0.1', port: own, headers: {} },
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit')
      child.disconnect()
      await ended
    },
  }
}

/**
 * Layers that are in the other registry only, through us, who keep them, against asking it directly, both by way of
 * `upstream`. Each round has an image of its own: for both it is the first reading since it was pushed.
 */
async function measurePullsFrom(bench: Bench, upstream: Target, name: string): Promise<void> {
  const { load, weir, peer } = bench
  const address = `${upstream.host}:${upstream.port}`

  async function read(side: 'through' | 'direct', round: number): Promise<number> {
    const stream = `${side}-${upstream.port}-${round}`
    const repository = `${namespace}/${stream}`
    const push = { target: peer.registry, repository, tag: 'latest', layers, layerSize }
    const { digests } = await load.run({ kind: 'push-image', ...push })
    if (side === 'through') {
      const requests = [importRequest(address, stream)]
      await load.run({ kind: 'repeat', target: weir.api, requests, count: 1, connections: 1 })
    }
    const requests = digests
      .slice(1)
      .map((digest) => ({ method: 'GET', path: `/v2/${repository}/blobs/${digest}` }))
    const target = side === 'through' ? weir.registry : upstream
    const { seconds } = await load.run({ kind: 'repeat', target, requests, count: layers, connections: 1 })
    return seconds * 1000
  }

  await contrast(
    bench,
    { name, unit: 'ms', better: 'lower', aim: 0.87 },
    (round) => read('through', round),
    (round) => read('direct', round),
  )
}

/**
 * On loopback the upstream sends files faster than anybody hashes and stores; from behind a link it is what a user's network
 * is.
 */
export async function measurePulls(bench: Bench): Promise<void> {
  const { registry } = bench.peer
  await using link = await startLink(registry)
  await measurePullsFrom(bench, link.target, 'cold pull-through of 64 MiB, upstream at 1 Gbit/s')
  await measurePullsFrom(bench, registry, 'cold pull-through of 64 MiB, upstream on loopback')
}
