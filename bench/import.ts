/**
 * `node bench/import.ts`: imports from Debian's docker-registry on this machine. One image; 50 tags; the requests that they cost
 * the other registry; a sweep of 1,000 scheduled tags of which nothing changed. `--quick` takes fewer rounds.
 */
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { makeImage, pushImage } from '../src/upstream/testing/images.ts'
import { startProxy, type WatchingProxy } from '../test/import/watching-proxy.ts'
import { type Call, type ImportServer, startImportServer } from './import-server.ts'
import { type Figure, namespace } from './measurement.ts'
import { startDockerRegistry } from './peers.ts'
import { formatMeasurement } from './report.ts'
import { createNamespace } from './stream-requests.ts'

const { values: options } = parseArgs({ options: { quick: { type: 'boolean' } } })
const rounds = options.quick ? 3 : 10
const repository = 'library/many'
const tagCount = 50
const scheduledTags = 1000
const distinctReferences = 50
/** Seconds between two looks at a scheduled tag, long enough for a sweep to be seen by itself. */
const sweepInterval = 20

const say = (line: string): void => void process.stdout.write(`${line}\n`)
const report = (name: string, unit: string, values: number[], known?: string): void => {
  const figure: Figure = { kind: 'figure', name, unit, values, ...(known === undefined ? {} : { known }) }
  say(formatMeasurement(figure))
}

const importsPath = `/apis/image.openshift.io/v1/namespaces/${namespace}/imagestreamimports`
const streamsPath = `/apis/image.openshift.io/v1/namespaces/${namespace}/imagestreams`
const insecure = { insecure: true }

function importBody(name: string, spec: object) {
  return {
    kind: 'ImageStreamImport',
    apiVersion: 'image.openshift.io/v1',
    metadata: { name },
    spec: { import: true, ...spec },
  }
}

async function timed<T>(task: () => Promise<T>): Promise<[milliseconds: number, result: T]> {
  const start = performance.now()
  const result = await task()
  return [performance.now() - start, result]
}

async function measureOne(call: Call, host: string, proxy: WatchingProxy): Promise<void> {
  const times: number[] = []
  for (let round = 0; round <= rounds; round++) {
    const images = [
      { from: { kind: 'DockerImage', name: `${host}/${repository}:t${round}` }, importPolicy: insecure },
    ]
    const [time] = await timed(() => call('POST', importsPath, importBody(`one-${round}`, { images })))
    if (round > 0) times.push(time)
  }
  report('one image, a new stream', 'ms', times, '23 ms')
  const images = [
    { from: { kind: 'DockerImage', name: `${proxy.host}/${repository}:t0` }, importPolicy: insecure },
  ]
  proxy.taken()
  await call('POST', importsPath, importBody('one-counted', { images }))
  report('  requests to the other registry', '', [proxy.taken().length])
}

async function measureMany(call: Call, host: string, proxy: WatchingProxy): Promise<void> {
  const times: number[] = []
  const from = (registry: string) => ({
    repository: { from: { kind: 'DockerImage', name: `${registry}/${repository}` }, importPolicy: insecure },
  })
  const many = options.quick ? 3 : 5
  for (let round = 0; round < many; round++) {
    const [time] = await timed(() => call('POST', importsPath, importBody(`many-${round}`, from(host))))
    times.push(time)
    // Each round finds the host as patient as the first did.
    await sleep(1500)
  }
  report(`a repository of ${tagCount} tags`, 'ms', times, '23.6 s')
  const rates = times.map((time) => (tagCount / time) * 1000)
  report('  tags', '/s', rates)
  proxy.taken()
  await call('POST', importsPath, importBody('many-counted', from(proxy.host)))
  report('  requests a tag', '', [proxy.taken().length / tagCount])
}

interface Usage {
  /** Megabytes. */
  resident: number
  cpuSeconds: number
}

function usageOf(pid: number): Usage {
  const resident = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return { resident, cpuSeconds: (Number(fields[11]) + Number(fields[12])) / 100 }
}

/** The longest that a small request waited while the task ran, in milliseconds. */
async function longestWait(call: Call, task: Promise<unknown>): Promise<number> {
  let isOver = false
  const ended = task.finally(() => {
    isOver = true
  })
  let longest = 0
  while (!isOver) {
    const [time] = await timed(() => call('GET', `/api/v1/namespaces/${namespace}`))
    longest = Math.max(longest, time)
    await sleep(5)
  }
  await ended
  return longest
}

async function measureSweep(call: Call, weir: ImportServer, proxy: WatchingProxy): Promise<void> {
  const tagsInStream = 20
  for (let stream = 0; stream < scheduledTags / tagsInStream; stream++) {
    const tags = Array.from({ length: tagsInStream }, (_, n) => {
      const name = `${proxy.host}/${repository}:t${(stream * tagsInStream + n) % distinctReferences}`
      return {
        name: `s${n}`,
        from: { kind: 'DockerImage', name },
        importPolicy: { ...insecure, scheduled: true },
      }
    })
    const metadata = { name: `sweep-${stream}` }
    await call('POST', streamsPath, {
      kind: 'ImageStream',
      apiVersion: 'image.openshift.io/v1',
      metadata,
      spec: { tags },
    })
  }
  const revision = async () => {
    const list = (await call('GET', streamsPath)) as {
      metadata: { resourceVersion: string }
      items: { status: { tags?: { items: unknown[] | null }[] } }[]
    }
    const tags = list.items.flatMap(({ status }) => status.tags ?? [])
    return {
      revision: list.metadata.resourceVersion,
      imported: tags.filter(({ items }) => items?.length).length,
    }
  }
  let imported = 0
  while (imported < scheduledTags) {
    await sleep(1000)
    imported = (await revision()).imported
  }
  // The first look at each may still come early.
  await sleep(sweepInterval * 1100)
  proxy.taken()
  const before = await revision()
  const start = usageOf(weir.pid)
  const longest = await longestWait(call, sleep(sweepInterval * 1000))
  const end = usageOf(weir.pid)
  const asked = proxy.taken()
  const heads = asked.filter((request) => request.startsWith('HEAD ')).length
  const after = await revision()
  say(`a sweep of ${scheduledTags} scheduled tags of ${distinctReferences} references, nothing changed`)
  report(`  HEADs in ${sweepInterval} s`, '', [heads])
  report('  other requests', '', [asked.length - heads])
  report('  writes', '', [Number(after.revision) - Number(before.revision)])
  report('  processor, the measuring included', 's', [end.cpuSeconds - start.cpuSeconds])
  report('  memory of the server', 'MB', [end.resident])
  report('  longest wait of another request', 'ms', [longest])
}

async function main(): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'weir-bench-'))
  try {
    await using peer = await startDockerRegistry(join(dir, 'docker-registry'))
    await using proxy = await startProxy(`127.0.0.1:${peer.registry.port}`)
    const config = `importInterval: ${sweepInterval}s\nimport: {maxScheduledImageImportsPerMinute: -1}\n`
    await using weir = await startImportServer(join(dir, 'weir'), config)
    const { call } = weir
    const host = `127.0.0.1:${peer.registry.port}`
    for (let tag = 0; tag < tagCount; tag++) {
      await pushImage({ url: `http://${host}`, repository }, `t${tag}`, makeImage(`many ${tag}`))
    }
    const { path, ...request } = createNamespace(namespace)
    await call(request.method, path, JSON.parse(request.body ?? '{}') as object)
    await measureOne(call, host, proxy)
    await measureMany(call, host, proxy)
    await measureSweep(call, weir, proxy)
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

await main()
