import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Target } from './http-connection.ts'
import { type Bench, contrast, formatConnections } from './measurement.ts'
import { hasNginx, startNginx } from './nginx.ts'

const mib = 1 << 20
const size = 16 * mib
const files = 4

/** Blobs out, against a server that hands files to the kernel. */
export async function measureSendfile(bench: Bench, dir: string): Promise<void> {
  if (!hasNginx()) {
    process.stderr.write('SKIPPED blob GET to nginx: apt-get install nginx-light\n')
    return
  }
  const { load, weir, repository } = bench
  const root = join(dir, 'sendfile')
  await mkdir(root, { recursive: true })
  for (let n = 0; n < files; n++) await writeFile(join(root, String(n)), Buffer.alloc(size, n))
  await using nginx = await startNginx(root)
  const job = { target: weir.registry, repository, size, count: files, connections: 1 }
  const { digests } = await load.run({ kind: 'upload-blobs', ...job })
  const count = bench.isQuick ? 8 : 48

  async function get(target: Target, paths: readonly string[], connections: number): Promise<number> {
    const requests = paths.map((path) => ({ method: 'GET', path }))
    const { seconds, bytes } = await load.run({ kind: 'repeat', target, requests, count, connections })
    return bytes / mib / seconds
  }

  for (const connections of [1, 8]) {
    const name = `blob GET 16 MiB to nginx, ${formatConnections(connections)}`
    const blobs = digests.map((digest) => `/v2/${repository}/blobs/${digest}`)
    await contrast(
      bench,
      { name, unit: 'MiB/s', better: 'higher', aim: 0.8 },
      () => get(weir.registry, blobs, connections),
      () =>
        get(
          nginx.target,
          digests.map((_, n) => `/${n}`),
          connections,
        ),
    )
  }
}
