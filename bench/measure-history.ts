import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Bench, namespace } from './measurement.ts'
import { startWeir, type WeirPeer } from './peers.ts'
import { createNamespace, createStream, putTag } from './stream-requests.ts'

const repository = `${namespace}/app`

/** Seconds of wall and of processor for one piece of work. */
interface Cost {
  wall: number
  cpu: number
}

/**
 * What the records of moves cost: two servers that differ in nothing but `history.records` take turns, many short ones, so that
 * what else the machine does hits both alike. A push is a new image of three small layers to a tag that is there; a tag move,
 * the smallest write there is, shows the cost at its largest.
 */
export async function measureHistory(bench: Bench, dir: string): Promise<void> {
  await using on = await startWeir(join(dir, 'history-on'))
  await using off = await startWeir(join(dir, 'history-off'), { history: { records: false } })
  const images = new Map<WeirPeer, readonly string[]>()
  for (const weir of [on, off]) {
    const requests = [createNamespace(namespace)]
    await bench.load.run({ kind: 'repeat', target: weir.api, requests, count: 1, connections: 1 })
    images.set(weir, await twoImages(bench, weir))
    const streams = [createStream(namespace, 'moved')]
    await bench.load.run({ kind: 'repeat', target: weir.api, requests: streams, count: 1, connections: 1 })
  }
  const pushes = bench.isQuick ? 10 : 25
  await versus(bench, 'push', [on, off], async (weir) => {
    for (let n = 0; n < pushes; n++) {
      const job = { kind: 'push-image', target: weir.registry, repository, tag: 'v1', layers: 3 } as const
      await bench.load.run({ ...job, layerSize: 1000 })
    }
    return pushes
  })
  const moves = bench.isQuick ? 40 : 100
  await versus(bench, 'tag move', [on, off], async (weir) => {
    const requests = (images.get(weir) ?? []).map((digest) => putTag('moved', 'm', 'app', digest))
    await bench.load.run({ kind: 'repeat', target: weir.api, requests, count: moves, connections: 1 })
    return moves
  })
}

async function twoImages({ load }: Bench, weir: WeirPeer): Promise<string[]> {
  const digests: string[] = []
  for (const tag of ['first', 'second']) {
    const job = {
      kind: 'push-image',
      target: weir.registry,
      repository,
      tag,
      layers: 3,
      layerSize: 1000,
    } as const
    digests.push((await load.run(job)).digests[0] ?? '')
  }
  return digests
}

/** `work` answers how many pieces it did. */
async function versus(
  bench: Bench,
  what: string,
  [on, off]: readonly [WeirPeer, WeirPeer],
  work: (weir: WeirPeer) => Promise<number>,
): Promise<void> {
  const cost = async (weir: WeirPeer): Promise<Cost> => {
    const [start, before] = [performance.now(), await processorSeconds(weir.pid)]
    const count = await work(weir)
    const wall = (performance.now() - start) / 1000 / count
    return { wall, cpu: ((await processorSeconds(weir.pid)) - before) / count }
  }
  for (const weir of [on, off, on, off]) await work(weir)
  const more = { wall: [] as number[], cpu: [] as number[] }
  const plain: number[] = []
  const sums = { on: 0, off: 0 }
  for (let round = 0; round < (bench.isQuick ? 6 : 20); round++) {
    if (round > 1 && bench.isLate()) break
    const first = round % 2 === 0 ? on : off
    const [a, b] = [await cost(first), await cost(first === on ? off : on)]
    const [withRecords, without] = first === on ? [a, b] : [b, a]
    more.wall.push((withRecords.wall / without.wall - 1) * 100)
    plain.push(without.wall * 1000)
    sums.on += withRecords.cpu
    sums.off += without.cpu
  }
  more.cpu.push((sums.on / sums.off - 1) * 100)
  const report = (name: string, unit: string, values: number[]) =>
    bench.report({ kind: 'figure', name, unit, values })
  report(`${what} without records`, 'ms', plain)
  report(`${what} with records takes longer by`, '%', more.wall)
  report(`${what} with records takes more processor by`, '%', more.cpu)
}

/** Of user and system time that the process has had: ticks of 10 ms. */
async function processorSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}
