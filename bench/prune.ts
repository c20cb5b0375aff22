/**
 * `node bench/prune.ts [--only dry|real|policy] [--blobs] [--warm SECONDS] [SIZE ...]`: how long pruning takes over so many images (1,000
 * and 10,000 unless said otherwise), and how much memory of its own client and server have at most. With --warm after so many seconds of
 * other load: what a server in use keeps at hand it has then, and what the number of images adds to it shows. Streams of ten revisions, of which three stay; each image has
 * three layers that ten images share and two of its own. Without --blobs the blobs themselves are left out, as if the images were
 * imported: it is the work around them that is measured.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { parse } from 'yaml'
import { runMixedLoad } from '../test/load/mixed-load.ts'
import { fill } from './fill-prune.ts'
import { memoryOf, watchMemory } from './resident-memory.ts'

const weir = new URL('../bin/weir', import.meta.url).pathname
/** What has to go, however this ends. */
const started = new Set<ChildProcess>()
const folders = new Set<string>()
process.on('exit', () => {
  for (const child of started) child.kill('SIGKILL')
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(143))

function start(args: readonly string[], env: NodeJS.ProcessEnv) {
  const child = spawn(weir, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  started.add(child)
  child.once('close', () => started.delete(child))
  return child
}

const say = (line: string): void => void process.stdout.write(`${line}\n`)

interface Ended {
  seconds: number
  /** MiB of its own, at most. */
  peak: number
  /** Of the server meanwhile. */
  serverPeak: number
  /** Of its output. */
  last: string
}

const pidOf = ({ pid }: ChildProcess): number => pid ?? 0

/** Runs the program to its end. */
async function run(dataDir: string, args: readonly string[], server: Server): Promise<Ended> {
  const env = { ...process.env, KUBECONFIG: join(dataDir, 'admin.kubeconfig'), HOME: dataDir }
  const began = performance.now()
  const child = start(args, env)
  child.stderr.resume()
  let last = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    last = text.trimEnd().split('\n').at(-1) ?? last
  })
  const { value: code, most } = await watchMemory(
    [child, server.child].map(pidOf),
    () => new Promise((resolve) => child.once('close', resolve)),
  )
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}`)
  const [peak = 0, serverPeak = 0] = most.map(({ own }) => own)
  return { seconds: (performance.now() - began) / 1000, peak, serverPeak, last }
}

interface Server {
  child: ChildProcess
  registry: string
  /** Lines of its log. */
  log: string[]
}

async function startServer(dataDir: string): Promise<Server> {
  const args = ['start', '--data-dir', dataDir, '--listen', '127.0.0.1:0', '--registry-listen', '127.0.0.1:0']
  const child = start(args, process.env)
  const log: string[] = []
  child.stderr.setEncoding('utf8').on('data', (text: string) => void log.push(...text.split('\n')))
  let text = ''
  await new Promise<void>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (piece: string) => {
      text += piece
      if (text.includes('weir is ready')) resolve()
    })
  })
  return { child, registry: /Registry +(\S+)/.exec(text)?.[1] ?? '', log }
}

async function stop({ child }: Server): Promise<void> {
  const closed = new Promise((resolve) => child.once('close', resolve))
  child.kill('SIGTERM')
  await closed
}

/** Resolves to the most that the server had meanwhile. */
async function warm(dataDir: string, { child }: Server): Promise<number> {
  const { clusters, users } = parse(await readFile(join(dataDir, 'admin.kubeconfig'), 'utf8'))
  const { server: url, 'certificate-authority-data': ca } = clusters[0].cluster
  const target = { url, token: users[0].user.token, ca: Buffer.from(ca, 'base64').toString() }
  const memory = async () => memoryOf(pidOf(child)).own
  const load = { target, seconds: Number(values.warm), workers: 12, seed: 1, memory }
  const { value, most } = await watchMemory([pidOf(child)], () => runMixedLoad(load))
  if (value.errors.length > 0) throw new Error(value.errors[0])
  return most[0]?.own ?? 0
}

/** The run that the server makes by itself, as its log tells; a schedule of every minute begins it. */
async function runPolicy(dataDir: string, server: Server): Promise<string> {
  const { log } = server
  const spec = { suspend: false, schedule: '* * * * *' }
  await run(
    dataDir,
    ['patch', 'imagepruner', 'cluster', '--type=merge', '-p', JSON.stringify({ spec })],
    server,
  )
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 500))
    const line = log.find((one) => one.includes('"msg":"pruned"'))
    if (line === undefined) continue
    const { seconds, images, items, blobs } = JSON.parse(line) as Record<string, string>
    return `${seconds} s, removed ${images} images, ${items} items, ${blobs} blobs`
  }
}

async function measure(size: number, way: string): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'weir-bench-prune-'))
  folders.add(dataDir)
  try {
    await fill(dataDir, size, { blobs: values.blobs })
    const server = await startServer(dataDir)
    const before = values.warm === undefined ? memoryOf(pidOf(server.child)).own : await warm(dataDir, server)
    const command = ['adm', 'prune', 'images', `--registry-url=${server.registry}`]
    const tellServer = (peak: number) => `server ${before.toFixed(0)} MiB before, ${peak.toFixed(0)} at most`
    if (way === 'policy') {
      const { value, most } = await watchMemory([pidOf(server.child)], () => runPolicy(dataDir, server))
      say(`${size} images, by itself: ${value}; ${tellServer(most[0]?.own ?? 0)}`)
    } else {
      const args = way === 'dry' ? command : [...command, '--confirm']
      const { seconds, peak, serverPeak, last } = await run(dataDir, args, server)
      say(
        `${size} images, ${way}: ${seconds.toFixed(1)} s, client ${peak.toFixed(0)} MiB, ${tellServer(serverPeak)}; ${last}`,
      )
    }
    await stop(server)
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
}

const { values, positionals } = parseArgs({
  options: { only: { type: 'string' }, blobs: { type: 'boolean', default: false }, warm: { type: 'string' } },
  allowPositionals: true,
})
const sizes = positionals.length === 0 ? [1000, 10_000] : positionals.map(Number)
for (const size of sizes) {
  for (const way of ['dry', 'real', 'policy']) {
    if (values.only === undefined || values.only === way) await measure(size, way)
  }
}
