/**
 * `npm run bench`: Weir against Debian's docker-registry, and figures of Weir alone. When 170 s (`--quick`: 35 s) are over,
 * what has begun ends early and the rest is left out. `--only WORD` takes the measurements whose name has the word;
 * `--json FILE` keeps the rounds; `--large` takes sizes that need minutes.
 */
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openLoad } from './load.ts'
import { measureBlobs } from './measure-blobs.ts'
import { measureCeiling } from './measure-ceiling.ts'
import { measureCommands } from './measure-commands.ts'
import { measureHashing } from './measure-hashing.ts'
import { measureHistory } from './measure-history.ts'
import { measureLists } from './measure-lists.ts'
import { measureManifests } from './measure-manifests.ts'
import { measureMemory } from './measure-memory.ts'
import { measurePulls } from './measure-pulls.ts'
import { measurePush } from './measure-push.ts'
import { measureScale } from './measure-scale.ts'
import { measureSendfile } from './measure-sendfile.ts'
import { measureStart } from './measure-start.ts'
import { measureTagWrites } from './measure-tag-writes.ts'
import { measureTriggers } from './measure-triggers.ts'
import { measureWatch } from './measure-watch.ts'
import { type Bench, type Measurement, namespace } from './measurement.ts'
import { startDockerRegistry, startWeir } from './peers.ts'
import { formatMeasurement, toJson } from './report.ts'
import { createNamespace } from './stream-requests.ts'

const say = (line: string): void => void process.stdout.write(`${line}\n`)

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean' },
    large: { type: 'boolean' },
    only: { type: 'string' },
    json: { type: 'string' },
  },
})

type Measure = (bench: Bench, dir: string) => Promise<void>

const parts: readonly [title: string, word: string, measure: Measure][] = [
  ['The load generator against a server that does nothing', 'ceiling', measureCeiling],
  ['Registry, Weir to docker-registry: above 1 Weir is better', 'manifests', measureManifests],
  ['', 'blobs', measureBlobs],
  ['', 'push', measurePush],
  ['History of tags, on against off: what it costs', 'history', measureHistory],
  ['Registry, Weir to the least that the work takes', 'hashing', measureHashing],
  ['', 'sendfile', measureSendfile],
  ['', 'pulls', measurePulls],
  ['', 'memory', measureMemory],
  ['API', 'tag-writes', measureTagWrites],
  ['', 'watch', measureWatch],
  ['', 'lists', measureLists],
  ['', 'triggers', measureTriggers],
  ['Start', 'start', measureStart],
  ['', 'commands', measureCommands],
  ['Many streams (more of them: node bench/scale.ts)', 'scale', measureScale],
]

/** Both servers with a namespace and the same kind of image in one repository. */
async function prepare(bench: Bench): Promise<void> {
  const { load, weir, peer, repository, tag } = bench
  const requests = [createNamespace(namespace)]
  await load.run({ kind: 'repeat', target: weir.api, requests, count: 1, connections: 1 })
  for (const { registry } of [weir, peer]) {
    await load.run({ kind: 'push-image', target: registry, repository, tag, layers: 10, layerSize: 64 << 10 })
  }
}

function introduce(): void {
  const [load = 0] = loadavg()
  const cores = availableParallelism()
  say(`${cores} cores, load ${load.toFixed(1)}, Node ${process.version}`)
  if (load > cores / 2) say('The machine is busy: trust the ratios, not the figures.')
  say(
    'Weir checks a token and asks its access rules on every request; docker-registry runs open and does neither.',
  )
  say(
    'Medians of rounds, ± half of the quartile distance; the servers take turns; 8 connections unless said otherwise.',
  )
}

async function main(): Promise<void> {
  if (!existsSync('/usr/bin/docker-registry'))
    throw new Error('install docker-registry first (Debian has it)')
  introduce()
  const began = performance.now()
  const dir = await mkdtemp(join(tmpdir(), 'weir-bench-'))
  const measurements: Measurement[] = []
  try {
    await using load = openLoad()
    await using weir = await startWeir(join(dir, 'weir'))
    await using peer = await startDockerRegistry(join(dir, 'docker-registry'))
    const report = (measurement: Measurement): void => {
      measurements.push(measurement)
      say(formatMeasurement(measurement))
    }
    const isQuick = options.quick === true
    const isLarge = options.large === true
    const seconds = isQuick ? 35 : isLarge ? 900 : 170
    const isLate = (): boolean => performance.now() - began > seconds * 1000
    const bench: Bench = {
      load,
      weir,
      peer,
      repository: `${namespace}/app`,
      tag: 'latest',
      isQuick,
      isLarge,
      isLate,
      report,
    }
    await prepare(bench)
    for (const [title, word, measure] of parts) {
      if (options.only !== undefined && !word.includes(options.only)) continue
      if (title !== '') say(`\n${title}`)
      if (isLate()) {
        say(`${word}: left out, the time is up`)
        continue
      }
      await measure(bench, dir)
    }
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
  say(`\n${Math.round((performance.now() - began) / 1000)} s`)
  if (options.json !== undefined) await writeFile(options.json, toJson(measurements))
}

await main()
