import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type Load, openLoad } from './load.ts'
import type { JobResult, RepeatJob } from './load-job.ts'
import type { Bench, Measurement } from './measurement.ts'
import { startWeir, type WeirPeer } from './peers.ts'
import { residentMemory } from './resident-memory.ts'
import { fillStore, imageOf, namespaceOf, type ScaleSize, scaleRegistry, streamName } from './scale-data.ts'
import { median, percentile } from './statistics.ts'
import { putTag, streamsPath } from './stream-requests.ts'

export interface ScaleOptions {
  size: ScaleSize
  load: Load
  /** Where the data directory is made; one that is there already is used as it is. */
  dir: string
  /** How many watch at once, each in turn. */
  watchers: readonly number[]
  /** How often each figure is taken. */
  rounds: number
  report(measurement: Measurement): void
}

/** Streams that are read and written: spread over all, so that size shows. */
const touched = 256
const connections = 8
/** The first answers of a connection that are large are slower: its window has yet to grow. */
const lists = { count: 21, connections: 1 }
/** Writes and patches before those that count; a server that is in use has had them, and its code has been compiled for speed. */
const writesBefore = 1000

/** The file that says that a directory has its streams. */
export const filledMark = (dir: string): string => join(dir, 'filled')

/** Figures of a server that holds many streams: how much they depend on how many. */
export async function measureAtScale(options: ScaleOptions, isFilled = false): Promise<void> {
  const { size, dir } = options
  const config = { imagePolicy: { internalRegistryHostname: scaleRegistry } }
  if (!isFilled) {
    {
      // A first start makes what every data directory has.
      await using weir = await startWeir(dir, config)
      void weir
    }
    await fillStore(join(dir, 'data', 'weir.db'), size)
    await writeFile(filledMark(dir), '')
    // The namespaces get their accounts: the controllers' work of a day, not of a start.
    await using weir = await startWeir(dir, config)
    await untilIdle(weir)
  }
  await using weir = await startWeir(dir, config)
  figure(options, 'start', 'ms', [weir.startMs])
  await untilIdle(weir)
  figure(options, 'resident memory after start', 'MiB', [await residentMemory(weir.pid)])
  await measureReads(weir, options)
  await measureWrites(weir, options)
  await measureFairness(weir, options)
  await measureWatches(weir, options)
  figure(options, 'resident memory after all', 'MiB', [await residentMemory(weir.pid)])
}

function figure({ size, report }: ScaleOptions, what: string, unit: string, values: number[]): void {
  report({ kind: 'figure', name: `${size.streams} streams: ${what}`, unit, values })
}

/** Until its controllers have come to rest. */
async function untilIdle({ pid }: WeirPeer): Promise<void> {
  const spent = async () => {
    const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(' ')
    return Number(fields[13]) + Number(fields[14])
  }
  for (let before = await spent(), idle = 0; idle < 3; ) {
    await pause(500)
    const now = await spent()
    idle = now - before <= 2 ? idle + 1 : 0
    before = now
  }
}

type Requests = RepeatJob['requests']

async function repeat(
  { api: target }: WeirPeer,
  { load }: ScaleOptions,
  requests: Requests,
  job: { count: number; connections: number; first?: number },
): Promise<JobResult> {
  return load.run({ kind: 'repeat', target, requests, ...job })
}

/** The touched streams' numbers, spread evenly. */
function sample({ streams }: ScaleSize): number[] {
  const count = Math.min(touched, streams)
  return Array.from({ length: count }, (_empty, n) => Math.floor((n * streams) / count))
}

async function measureReads(weir: WeirPeer, options: ScaleOptions): Promise<void> {
  const { size, rounds } = options
  const gets = sample(size).map((stream) => ({
    method: 'GET',
    path: `${streamsPath(namespaceOf(size, stream))}/${streamName(stream)}`,
  }))
  const list = (path: string) => [{ method: 'GET', path }]
  const everything = '/apis/image.openshift.io/v1/imagestreams'
  const latencies = {
    get: [] as number[],
    page: [] as number[],
    thousand: [] as number[],
    zipped: [] as number[],
  }
  const rates: number[] = []
  for (let round = 0; round <= rounds; round++) {
    const single = await repeat(weir, options, gets, { count: touched, connections: 1 })
    const many = await repeat(weir, options, gets, { count: 4 * touched, connections })
    const page = await repeat(weir, options, list(`${everything}?limit=500`), lists)
    const thousand = await repeat(weir, options, list(`${everything}?limit=1000`), lists)
    const asClientsAsk = list(`${everything}?limit=1000`).map((one) => ({
      ...one,
      headers: { 'Accept-Encoding': 'gzip' },
    }))
    const zipped = await repeat(weir, options, asClientsAsk, lists)
    if (round === 0) continue
    latencies.get.push(median(single.latencies))
    rates.push((4 * touched) / many.seconds)
    latencies.page.push(median(page.latencies))
    latencies.thousand.push(median(thousand.latencies))
    latencies.zipped.push(median(zipped.latencies))
  }
  const all = await repeat(weir, options, list(everything), { count: 1, connections: 1 })
  figure(options, 'get', 'ms', latencies.get)
  figure(options, 'gets, 8 connections', '/s', rates)
  figure(options, 'list, first page of 500', 'ms', latencies.page)
  figure(options, 'list, first page of 1000', 'ms', latencies.thousand)
  figure(options, 'the same compressed, as kubectl asks for it', 'ms', latencies.zipped)
  figure(options, 'list of all', 'ms', [...all.latencies])
  figure(options, 'list of all', 'MB', [all.bytes / 1e6])
}

async function measureWrites(weir: WeirPeer, options: ScaleOptions): Promise<void> {
  const { size, rounds } = options
  const streams = sample(size)
  const put = (stream: number, tag: string, image: number) => {
    const name = streamName(stream)
    return putTag(name, tag, name, imageOf(stream, image), namespaceOf(size, stream))
  }
  for (let done = 0; done < writesBefore; done += streams.length) {
    const requests = streams.map((stream) => put(stream, `w-${done}`, 1))
    await repeat(weir, options, requests, { count: streams.length, connections })
  }
  const creates: number[] = []
  const moves: number[] = []
  const alone: number[] = []
  for (let round = 0; round <= rounds; round++) {
    // Every move finds another image: each stream's tag goes through its images.
    const move = streams.map((stream) => put(stream, 't0', (round % (size.tags - 1)) + 1))
    const create = streams.map((stream) => put(stream, `n-${round}`, 1))
    const count = streams.length
    const single = await repeat(
      weir,
      options,
      streams.slice(0, 32).map((stream) => put(stream, `s-${round}`, 1)),
      {
        count: 32,
        connections: 1,
      },
    )
    const created = count / (await repeat(weir, options, create, { count, connections })).seconds
    const moved = count / (await repeat(weir, options, move, { count, connections })).seconds
    if (round === 0) continue
    creates.push(created)
    moves.push(moved)
    alone.push(median(single.latencies))
  }
  figure(options, 'tag create, 1 connection', 'ms', alone)
  figure(options, 'tag creates, 8 connections', '/s', creates)
  figure(options, 'tag moves, 8 connections', '/s', moves)
}

/** What another's lists of everything, one after the other, do to the time that a tag write takes. */
async function measureFairness(weir: WeirPeer, options: ScaleOptions): Promise<void> {
  const { size, rounds, load } = options
  const streams = sample(size).slice(0, 64)
  const writes = async (name: string) => {
    const requests = streams.map((stream) => {
      const from = streamName(stream)
      return putTag(from, name, from, imageOf(stream, 1), namespaceOf(size, stream))
    })
    const job = { kind: 'repeat', target: weir.api, requests, connections: 1 } as const
    return (await load.run({ ...job, count: requests.length })).latencies
  }
  await using other = openLoad()
  const list = { method: 'GET', path: '/apis/image.openshift.io/v1/imagestreams' }
  const job = { kind: 'repeat', target: weir.reader, requests: [list], count: 1, connections: 1 } as const
  const alone: number[] = []
  const beside: number[] = []
  for (let round = 0; round <= rounds; round++) {
    const quiet = await writes(`q-${round}`)
    let isOver = false
    const lists = (async () => {
      while (!isOver) await other.run(job)
    })()
    const busy = await writes(`b-${round}`)
    isOver = true
    await lists
    if (round === 0) continue
    alone.push(median(quiet))
    beside.push(median(busy))
  }
  figure(options, 'tag create, 1 connection, before the next', 'ms', alone)
  figure(options, 'the same while another lists everything in a loop', 'ms', beside)
}

async function measureWatches(weir: WeirPeer, options: ScaleOptions): Promise<void> {
  const { size, load, watchers, rounds } = options
  const stream = size.streams - 1
  for (const count of watchers) {
    const job = {
      kind: 'watch-latency',
      target: weir.api,
      namespace: namespaceOf(size, stream),
      stream: streamName(stream),
      count: count > 10 ? 10 : 100,
      watchers: count,
    } as const
    const p50: number[] = []
    const p99: number[] = []
    const answered: number[] = []
    await load.run(count === 1 ? { ...job, count: writesBefore } : job)
    for (let round = 0; round < rounds; round++) {
      const { latencies, answers = [] } = await load.run(job)
      p50.push(percentile(latencies, 0.5))
      p99.push(percentile(latencies, 0.99))
      answered.push(percentile(answers, 0.5))
    }
    const who = count === 1 ? '1 watcher' : `${count} watchers`
    figure(options, `patch to watch event, ${who}, p50`, 'ms', p50)
    figure(options, `patch to watch event, ${who}, p99`, 'ms', p99)
    figure(options, `patch to its own answer, ${who}, p50`, 'ms', answered)
  }
}

/** The small size, for every run of the bench. */
export async function measureScale({ load, isQuick, report }: Bench, dir: string): Promise<void> {
  const size = { streams: 1000, tags: 10, streamsInNamespace: 100 }
  const watchers = isQuick ? [1] : [1, 100]
  const rounds = isQuick ? 2 : 3
  await measureAtScale({ size, load, dir: join(dir, 'scale'), watchers, rounds, report })
}
