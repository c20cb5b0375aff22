import { join } from 'node:path'
import type { RepeatJob } from './load-job.ts'
import { type Bench, namespace } from './measurement.ts'
import { startWeir, type WeirPeer } from './peers.ts'
import { processorSeconds } from './processor-time.ts'
import { median } from './statistics.ts'
import { createNamespace, createStream, putTag } from './stream-requests.ts'

/** Seconds of wall, between request and answer, and of processor, of the server alone, for one piece of work. */
interface Cost {
  wall: number
  cpu: number
}

type Part = keyof Cost

/** Two servers that differ in nothing but `history.records`. */
type Pair = readonly [on: WeirPeer, off: WeirPeer]

interface Work {
  what: string
  /** How many a round. */
  pieces: number
  /** What has to be there before a round. */
  prepare(weir: WeirPeer, round: number): Promise<void>
  /** Answers how many seconds the requests of a round took. */
  run(weir: WeirPeer, round: number): Promise<number>
}

/**
 * What the records of moves cost. The servers of a pair take turns, many short ones, so that what else the machine does hits both
 * alike, and each turn is compared with its neighbour; there are several pairs, as two processes that differ in nothing may differ by
 * a few parts in a hundred all their lives. A value is the median of one pair.
 *
 * A push is a new image of three small layers to a tag that is there; a tag move, the smallest write there is, shows the cost at its
 * largest. Each round has a stream of its own: a long history in the stream makes every write dearer, and the record's share small.
 */
export async function measureHistory(bench: Bench, dir: string): Promise<void> {
  const figures = new Map<string, { unit: string; values: number[] }>()
  const note = (name: string, unit: string, value: number) => {
    const figure = figures.get(name) ?? { unit, values: [] }
    figure.values.push(value)
    figures.set(name, figure)
  }
  for (let pair = 0; pair < (bench.isQuick ? 1 : 5); pair++) {
    if (pair > 0 && bench.isLate()) break
    await using servers = await startPair(join(dir, `history-${pair}`), pair % 2 === 0)
    for (const work of await worksOf(bench, servers.pair)) {
      const rounds = await takeTurns(servers.pair, work)
      for (const [part, words] of [
        ['wall', 'time'],
        ['cpu', 'processor'],
      ] as const) {
        const { without, more } = compareParts(rounds, part)
        note(`${work.what} without records, ${words}`, 'ms', without * 1000)
        note(`${work.what} with records, more ${words}`, '%', more * 100)
      }
    }
  }
  for (const [name, figure] of figures) bench.report({ kind: 'figure', name, ...figure })
}

async function startPair(dir: string, isOnFirst: boolean): Promise<AsyncDisposable & { pair: Pair }> {
  await using started = new AsyncDisposableStack()
  const start = async (records: boolean) =>
    started.use(await startWeir(join(dir, records ? 'on' : 'off'), { history: { records } }))
  const first = await start(isOnFirst)
  const second = await start(!isOnFirst)
  const all = started.move()
  return {
    pair: isOnFirst ? [first, second] : [second, first],
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}

async function worksOf({ load }: Bench, pair: Pair): Promise<Work[]> {
  const repeat = async ({ api: target }: WeirPeer, requests: RepeatJob['requests'], count: number) =>
    (await load.run({ kind: 'repeat', target, requests, count, connections: 1 })).seconds
  const push = ({ registry: target }: WeirPeer, stream: string, tag: string) => {
    const repository = `${namespace}/${stream}`
    return load.run({ kind: 'push-image', target, repository, tag, layers: 3, layerSize: 1000 })
  }
  const images = new Map<WeirPeer, string[]>()
  for (const weir of pair) {
    await repeat(weir, [createNamespace(namespace)], 1)
    const pushed = [await push(weir, 'app', 'first'), await push(weir, 'app', 'second')]
    images.set(
      weir,
      pushed.map(({ digests }) => digests[0] ?? ''),
    )
  }
  const moves = (weir: WeirPeer, stream: string) =>
    (images.get(weir) ?? []).map((digest) => putTag(stream, 'm', 'app', digest))
  return [
    {
      what: 'push',
      pieces: 4,
      async prepare(weir, round) {
        await push(weir, `pushed-${round}`, 'v1')
      },
      async run(weir, round) {
        let seconds = 0
        for (let n = 0; n < this.pieces; n++) seconds += (await push(weir, `pushed-${round}`, 'v1')).seconds
        return seconds
      },
    },
    {
      what: 'tag move',
      pieces: 30,
      async prepare(weir, round) {
        await repeat(weir, [createStream(namespace, `moved-${round}`)], 1)
        await repeat(weir, moves(weir, `moved-${round}`), 2)
      },
      run(weir, round) {
        return repeat(weir, moves(weir, `moved-${round}`), this.pieces)
      },
    },
  ]
}

async function takeTurns(pair: Pair, work: Work): Promise<(readonly [on: Cost, off: Cost])[]> {
  const cost = async (weir: WeirPeer, round: number): Promise<Cost> => {
    await work.prepare(weir, round)
    const before = await processorSeconds(weir.pid)
    const wall = await work.run(weir, round)
    return { wall: wall / work.pieces, cpu: ((await processorSeconds(weir.pid)) - before) / work.pieces }
  }
  const warming = 20
  const rounds: (readonly [on: Cost, off: Cost])[] = []
  for (let round = 0; round < warming + 35; round++) {
    const costs = new Map<WeirPeer, Cost>()
    for (const weir of round % 2 === 0 ? pair : pair.toReversed()) costs.set(weir, await cost(weir, round))
    const [on, off] = pair.map((weir) => costs.get(weir))
    if (round >= warming && on !== undefined && off !== undefined) rounds.push([on, off])
  }
  return rounds
}

/** What a piece took without records, and what share of that it took more with them. */
function compareParts(
  rounds: readonly (readonly [on: Cost, off: Cost])[],
  part: Part,
): { without: number; more: number } {
  const without = median(rounds.map(([, off]) => off[part]))
  return { without, more: median(rounds.map(([on, off]) => on[part] - off[part])) / without }
}
