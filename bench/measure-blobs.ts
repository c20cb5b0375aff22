import type { Target } from './http-connection.ts'
import { type Bench, compare, formatConnections, secondsOf, settleDisk, unlimited } from './measurement.ts'

const mib = 1 << 20
const large = 16 * mib
const small = 64 << 10

interface Pace {
  connections: number
  count: number
}

async function upload(bench: Bench, target: Target, size: number, { connections, count }: Pace) {
  const { repository } = bench
  return bench.load.run({ kind: 'upload-blobs', target, repository, size, count, connections })
}

async function measurePuts(bench: Bench): Promise<void> {
  const paces: Pace[] = [
    { connections: 1, count: bench.isQuick ? 2 : 6 },
    { connections: 8, count: bench.isQuick ? 8 : 16 },
  ]
  for (const pace of paces) {
    const name = `blob PUT 16 MiB, ${formatConnections(pace.connections)}`
    await compare(bench, { name, unit: 'MiB/s', better: 'higher', aim: 2.5 }, async ({ registry }) => {
      await settleDisk()
      const { seconds, bytes } = await upload(bench, registry, large, pace)
      return bytes / mib / seconds
    })
  }
  const pace = { connections: 8, count: bench.isQuick ? 40 : 160 }
  await compare(
    bench,
    { name: 'blob PUT 64 KiB, 8 connections', unit: '/s', better: 'higher' },
    async ({ registry }) => {
      await settleDisk()
      return pace.count / (await upload(bench, registry, small, pace)).seconds
    },
  )
}

/** The digests of blobs that both servers have now. */
async function store(bench: Bench, size: number, count: number): Promise<Map<string, readonly string[]>> {
  const stored = new Map<string, readonly string[]>()
  for (const { name, registry } of [bench.weir, bench.peer]) {
    stored.set(name, (await upload(bench, registry, size, { connections: 1, count })).digests)
  }
  return stored
}

async function measureGets(bench: Bench): Promise<void> {
  const requestsFor = (digests: readonly string[] = []) =>
    digests.map((digest) => ({ method: 'GET', path: `/v2/${bench.repository}/blobs/${digest}` }))
  const larges = await store(bench, large, 4)
  for (const connections of [1, 8]) {
    const count = bench.isQuick ? 8 : 48
    const about = {
      name: `blob GET 16 MiB, ${formatConnections(connections)}`,
      unit: 'MiB/s',
      better: 'higher',
      aim: 1,
    } as const
    await compare(bench, about, async ({ name, registry }) => {
      const requests = requestsFor(larges.get(name))
      const { seconds, bytes } = await bench.load.run({
        kind: 'repeat',
        target: registry,
        requests,
        count,
        connections,
      })
      return bytes / mib / seconds
    })
  }
  const smalls = await store(bench, small, 16)
  await measureHeads(bench, smalls)
  const count = bench.isQuick ? 200 : 2000
  await compare(
    bench,
    { name: 'blob GET 64 KiB, 8 connections', unit: '/s', better: 'higher' },
    async ({ name, registry }) => {
      const requests = requestsFor(smalls.get(name))
      return (
        count /
        (await bench.load.run({ kind: 'repeat', target: registry, requests, count, connections: 8 })).seconds
      )
    },
  )
}

/** Whether a blob is there: what a push asks for every layer. */
async function measureHeads(bench: Bench, stored: Map<string, readonly string[]>): Promise<void> {
  const about = { name: 'blob HEAD, 8 connections', unit: '/s', better: 'higher', aim: 10 } as const
  await compare(bench, about, async ({ name, registry }) => {
    const requests = (stored.get(name) ?? []).map((digest) => {
      return { method: 'HEAD', path: `/v2/${bench.repository}/blobs/${digest}` }
    })
    const pace = { count: unlimited, seconds: secondsOf(bench), connections: 8 }
    const { seconds, latencies } = await bench.load.run({
      kind: 'repeat',
      target: registry,
      requests,
      ...pace,
    })
    return latencies.length / seconds
  })
}

/** Blobs in and out: throughput of large ones, requests a second of small ones. Each blob that is put is new to the server. */
export async function measureBlobs(bench: Bench): Promise<void> {
  await measureGets(bench)
  await measurePuts(bench)
}
