import { type Bench, formatConnections, namespace, roundsOf } from './measurement.ts'
import { createStream, putTag } from './stream-requests.ts'

const streamCount = 64
const levels = [1, 8, 32]
/** Tags that a stream has; more of them make each write of the stream larger. */
const tagsInStream = 10

const known = new Map([
  ['creations, one stream, 1', '92 a second'],
  ['moves, one stream, 8', '357 a second'],
])

/**
 * Tag writes a second (PUT imagestreamtags): new tags and moves between two images, in one stream and over many. The one
 * stream is a new one each round: its history grows with every move, and so does what each write carries.
 */
export async function measureTagWrites(bench: Bench): Promise<void> {
  const target = bench.weir.api
  const [first, second] = await twoImages(bench)
  const app = bench.repository.slice(namespace.length + 1)
  const many = [createStream(namespace, 'many-{n}')]
  await bench.load.run({ kind: 'repeat', target, requests: many, count: streamCount, connections: 8 })
  const one = [createStream(namespace, 'one-{n}')]
  const roundCount = roundsOf(bench) + 1
  await bench.load.run({
    kind: 'repeat',
    target,
    requests: one,
    count: 2 * levels.length * roundCount,
    connections: 8,
  })
  let created = 0
  let fresh = 0

  for (const connections of levels) {
    const count = bench.isQuick ? 40 : 150
    const rates = { creations: [] as number[], moves: [] as number[], spread: [] as number[] }
    for (let round = 0; round < roundCount; round++) {
      if (round > 1 && bench.isLate()) break
      const rate = async (requests: ReturnType<typeof putTag>[], writes: number) => {
        const job = { kind: 'repeat', target, requests, count: writes, connections, first: created } as const
        created += writes
        return writes / (await bench.load.run(job)).seconds
      }
      // An odd number of passes, each round the other way round: every write finds the other image.
      const images: [string, string] = round % 2 === 0 ? [first, second] : [second, first]
      const creations = await rate([putTag(`one-${fresh}`, 't{n}', app, first)], count)
      const moves = await rate(
        movesOf((tag) => [`one-${fresh + 1}`, `m${tag}`], app, images),
        count,
      )
      const spread = await rate(
        movesOf((stream) => [`many-${stream}`, 'm'], app, images, streamCount),
        streamCount * (bench.isQuick ? 1 : 3),
      )
      fresh += 2
      if (round === 0) continue
      rates.creations.push(creations)
      rates.moves.push(moves)
      rates.spread.push(spread)
    }
    const report = (what: string, values: number[]) => {
      const name = `tag ${what}, ${formatConnections(connections)}`
      bench.report({ kind: 'figure', name, unit: '/s', values, known: known.get(`${what}, ${connections}`) })
    }
    report('creations, one stream', rates.creations)
    report('moves, one stream', rates.moves)
    report('moves, 64 streams', rates.spread)
  }
}

/** Each tag to the first of the images, then each to the second. */
function movesOf(
  nameOf: (index: number) => [string, string],
  from: string,
  images: readonly [string, string],
  count = tagsInStream,
): ReturnType<typeof putTag>[] {
  return images.flatMap((digest) =>
    Array.from({ length: count }, (_empty, index) => putTag(...nameOf(index), from, digest)),
  )
}

async function twoImages(bench: Bench): Promise<[string, string]> {
  const digests: string[] = []
  for (const tag of ['first', 'second']) {
    const job = {
      kind: 'push-image',
      target: bench.weir.registry,
      repository: bench.repository,
      tag,
      layers: 3,
      layerSize: 1000,
    } as const
    digests.push((await bench.load.run(job)).digests[0] ?? '')
  }
  return digests as [string, string]
}
