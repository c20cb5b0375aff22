import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqliteStore } from '../src/store/index.ts'
import { fillStorage } from './fill-storage.ts'
import { type Load, openLoad } from './load.ts'
import { startWeir, type WeirPeer } from './peers.ts'
import { median } from './statistics.ts'
import { createNamespace } from './stream-requests.ts'

/** Requests a second, or pushes a second, and how many rounds they were taken in. */
interface Rates {
  pulls: number[]
  pushes: number[]
}

const repository = 'bench/app'
const rounds = 40
/** Rounds before those that count: code that runs often gets faster. */
const warmUp = 40
/** A stream gets no more tags than people give one: what a push costs would grow with them. */
const tagsOfStream = 20

/** One collection of four times so many blobs, a quarter of them garbage, while clients pull and push; lines of a report. */
export async function measureDisturbance(images: number): Promise<string[]> {
  const dir = await mkdtemp(join(tmpdir(), 'weir-disturb-'))
  try {
    const data = join(dir, 'data')
    await mkdir(data, { recursive: true })
    {
      await using store = await openSqliteStore({ file: join(data, 'weir.db') })
      await fillStorage(store, join(data, 'blobs'), { images, garbage: images, namespace: 'bench' })
    }
    await using load = openLoad()
    await using weir = await startWeir(dir, { garbageCollection: { enabled: false, grace: '1m' } })
    const make = [createNamespace('bench')]
    await load.run({ kind: 'repeat', target: weir.api, requests: make, count: 1, connections: 1 })
    await load.run({
      kind: 'push-image',
      target: weir.registry,
      repository,
      tag: 'v1',
      layers: 10,
      layerSize: 64 << 10,
    })
    // Blobs younger than the grace time would only wait.
    await new Promise((resolve) => setTimeout(resolve, 61_000))
    await measureRates(load, weir, (round) => round < warmUp)
    const before = await measureRates(load, weir, (round) => round < rounds)
    const collecting = collect(weir)
    let isOver = false
    collecting.finally(() => {
      isOver = true
    })
    const during = await measureRates(load, weir, () => !isOver)
    const { discarded, seconds } = await collecting
    const after = await measureRates(load, weir, (round) => round < rounds)
    const compare = (name: keyof Rates): string => {
      const [quiet, busy] = [median([...before[name], ...after[name]]), median(during[name])]
      return `${name}: ${quiet.toFixed(0)}/s without, ${busy.toFixed(0)}/s during it (${Math.round((100 * busy) / quiet)} %, ${during[name].length} rounds)`
    }
    return [
      `one collection of ${4 * images} blobs under load: ${seconds.toFixed(1)} s, ${discarded} moved`,
      compare('pulls'),
      compare('pushes'),
    ]
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

/** Of all rounds. */
let pushes = 0

/** Any answer that is no success ends the measurement with an error. */
async function measureRates(load: Load, weir: WeirPeer, goesOn: (round: number) => boolean): Promise<Rates> {
  const rates: Rates = { pulls: [], pushes: [] }
  const target = weir.registry
  const requests = [{ method: 'GET', path: `/v2/${repository}/manifests/v1`, headers: {} }]
  for (let round = 0; goesOn(round); round++) {
    const pulled = await load.run({ kind: 'repeat', target, requests, count: 4000, connections: 8 })
    rates.pulls.push(4000 / pulled.seconds)
    if (!goesOn(round)) break
    const number = pushes++
    const pushed = await load.run({
      kind: 'push-image',
      target,
      repository: `${repository}-${Math.floor(number / tagsOfStream)}`,
      tag: `v${number}`,
      layers: 10,
      layerSize: 64 << 10,
    })
    rates.pushes.push(1 / pushed.seconds)
  }
  return rates
}

function collect({ api }: WeirPeer): Promise<{ discarded: number; seconds: number }> {
  const body = JSON.stringify({ apiVersion: 'weir.dev/v1', kind: 'BlobCollection', metadata: {}, spec: {} })
  const start = performance.now()
  return new Promise((resolve, reject) => {
    const { host, port, ca, headers } = api
    const options = { host, port, ca, method: 'POST', path: '/apis/weir.dev/v1/blobcollections' }
    const asking = request(
      { ...options, headers: { ...headers, 'content-type': 'application/json' } },
      async (answer) => {
        let text = ''
        for await (const chunk of answer.setEncoding('utf8')) text += chunk
        if (answer.statusCode !== 201) return reject(new Error(text))
        const { status } = JSON.parse(text) as { status: { discarded: { blobs: number } } }
        resolve({ discarded: status.discarded.blobs, seconds: (performance.now() - start) / 1000 })
      },
    )
    asking.on('error', reject).end(body)
  })
}
