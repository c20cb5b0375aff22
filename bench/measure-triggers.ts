import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Job } from './load-job.ts'
import { type Bench, roundsOf } from './measurement.ts'
import { startWeir } from './peers.ts'
import { percentile } from './statistics.ts'
import { createFollower, createNamespace, createStream, putTag } from './stream-requests.ts'

const followers = 10
const tagsInStream = 20
/** Streams that nobody follows: several, for a tag's history makes each of its moves larger. */
const idle = Array.from({ length: 10 })
const namespace = 'follow'

type RepeatOf = Extract<Job, { kind: 'repeat' }>

/** Milliseconds of processor time that the process has used. */
async function processorTime(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  // utime and stime, in ticks of 10 ms.
  return (Number(fields[11]) + Number(fields[12])) * 10
}

/**
 * From the move of a tag to the image in each of the ten deployments that follow it, among ever more that follow other tags; what a
 * move costs that nobody follows; and how long after a start, with everything up to date, a move takes.
 */
export async function measureTriggers(bench: Bench, dir: string): Promise<void> {
  const sizes = bench.isQuick ? [10, 100] : bench.isLarge ? [10, 1000, 20_000] : [10, 1000]
  for (const size of sizes) {
    if (bench.isLate()) break
    await measureSize(bench, join(dir, `triggers-${size}`), size)
  }
}

async function measureSize(bench: Bench, dir: string, size: number): Promise<void> {
  const { load } = bench
  const say = (name: string, values: number[], unit = 'ms') =>
    bench.report({ kind: 'figure', name: `${name}, ${size} deployments`, unit, values })
  let digests: string[]
  {
    await using weir = await startWeir(dir)
    const target = weir.api
    const began = performance.now()
    digests = await populate(bench, weir, size)
    await load.run({ kind: 'until-resolved', target, namespace, count: size })
    say('made and given their images', [size / ((performance.now() - began) / 1000)], '/s')
    const p50: number[] = []
    const p99: number[] = []
    const unwatched: number[] = []
    for (let round = 0; round <= roundsOf(bench); round++) {
      if (round > 1 && bench.isLate()) break
      const { latencies } = await load.run(moves(target, digests, bench.isQuick ? 10 : 40))
      const used = await processorTime(weir.pid)
      const count = bench.isQuick ? 100 : 300
      const requests = idle.flatMap((_none, stream) =>
        digests.map((digest) => putTag(`idle${stream}`, 'v1', 'app', digest, namespace)),
      )
      await load.run({ kind: 'repeat', target, requests, count, connections: 1 })
      if (round === 0) continue
      p50.push(percentile(latencies, 0.5))
      p99.push(percentile(latencies, 0.99))
      unwatched.push(((await processorTime(weir.pid)) - used) / count)
    }
    say('tag move to patched deployment, p50', p50)
    say('tag move to patched deployment, p99', p99)
    say('processor time of a move nobody follows', unwatched)
  }
  await using weir = await startWeir(dir)
  const { latencies } = await load.run(moves(weir.api, digests, 1))
  say('the same as the first thing after a start', [Math.max(...latencies)])
}

/** First to the image that the tag is not at; of an even number of moves the last leads back. */
function moves(target: RepeatOf['target'], digests: string[], count: number): Job {
  const way = {
    stream: 's0',
    tag: 't0',
    from: 'app',
    digests: digests.toReversed(),
    selector: 'follows=s0-t0',
    followers,
  }
  return { kind: 'trigger-latency', target, namespace, count, ...way }
}

/** Streams of twenty tags, ten deployments to a tag. Answers with two images that tags can be moved to. */
async function populate(bench: Bench, weir: Bench['weir'], size: number): Promise<string[]> {
  const { load } = bench
  const target = weir.api
  const tags = Math.ceil(size / followers)
  const streams = Math.ceil(tags / tagsInStream)
  const repeat = (requests: RepeatOf['requests'], count = requests.length) =>
    load.run({ kind: 'repeat', target, requests, count, connections: 16 })
  await repeat([createNamespace(namespace)])
  const digests: string[] = []
  for (const tag of ['first', 'second']) {
    const repository = `${namespace}/app`
    const image = { target: weir.registry, repository, tag, layers: 1, layerSize: 1000 }
    digests.push((await load.run({ kind: 'push-image', ...image })).digests[0] ?? '')
  }
  await repeat([createStream(namespace, 's{n}')], streams)
  await repeat([createStream(namespace, 'idle{n}')], idle.length)
  const names = Array.from({ length: tags }, (_none, tag) => [`s${tag % streams}`, `t${tag}`] as const)
  await repeat(names.map(([stream, tag]) => putTag(stream, tag, 'app', digests[0] ?? '', namespace)))
  await repeat(
    names.map(([stream, tag]) => createFollower(namespace, 'web-{n}', stream, tag)),
    size,
  )
  return digests
}
