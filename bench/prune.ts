/**
 * `node bench/prune.ts [SIZE ...]`: how long pruning takes over so many images (1,000 and 10,000 unless said otherwise), and how much
 * memory. Streams of ten revisions, of which three stay; each image has three layers that ten images share and two of its own. The
 * blobs themselves are left out: it is the work around them that is measured.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  allKinds,
  type Image,
  type ImageStream,
  imageStreams,
  images,
  type Namespace,
  namespaces,
} from '../src/api/index.ts'
import { forEachOf } from '../src/client/prune/prune-run.ts'
import { ociManifest } from '../src/oci/index.ts'
import { createResources } from '../src/resources/resources.ts'
import { openSqliteStore } from '../src/store/index.ts'

const weir = new URL('../bin/weir', import.meta.url).pathname
const revisions = 10
const say = (line: string): void => void process.stdout.write(`${line}\n`)
const digest = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`

function imageOf(n: number): Image {
  const shared = Array.from({ length: 3 }, (_, layer) => `shared ${Math.floor(n / 10)} ${layer}`)
  const own = Array.from({ length: 2 }, (_, layer) => `own ${n} ${layer}`)
  return {
    metadata: { name: digest(`image ${n}`), annotations: { 'openshift.io/image.managed': 'true' } },
    dockerImageReference: `registry.example/bench/s${Math.floor(n / revisions)}@${digest(`image ${n}`)}`,
    dockerImageMetadata: { kind: 'DockerImage', apiVersion: '1.0', Id: digest(`config ${n}`), Size: 5000 },
    dockerImageMetadataVersion: '1.0',
    dockerImageManifestMediaType: ociManifest,
    dockerImageLayers: [...shared, ...own].map((text) => ({
      name: digest(text),
      size: 1000,
      mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
    })),
  }
}

function streamOf(n: number): ImageStream {
  const items = Array.from({ length: revisions }, (_, k) => ({
    created: '2026-01-01T00:00:00Z',
    dockerImageReference: `registry.example/bench/s${n}@${digest(`image ${n * revisions + k}`)}`,
    image: digest(`image ${n * revisions + k}`),
    generation: 1,
  }))
  return {
    metadata: { name: `s${n}`, namespace: 'bench' },
    spec: { lookupPolicy: { local: false } },
    status: { dockerImageRepository: '', tags: [{ tag: 'latest', items }] },
  } as ImageStream
}

/** A data directory with so many images, all of them old. */
async function fill(dataDir: string, size: number): Promise<void> {
  await using store = await openSqliteStore({
    file: join(dataDir, 'weir.db'),
    retention: { keepRevisions: 1000 },
  })
  const clock = () => new Date('2026-01-01T00:00:00Z')
  const { system } = createResources({
    kinds: allKinds,
    store,
    clock,
    randomUuid: randomUUID,
    random: Math.random,
  })
  await system.create(namespaces, '', { metadata: { name: 'bench' } } as Namespace)
  await forEachOf(Array(size).keys(), 64, async (n) => void (await system.create(images, '', imageOf(n))))
  await forEachOf(Array(size / revisions).keys(), 64, async (n) => {
    const made = await system.create(imageStreams, 'bench', streamOf(n))
    const { status } = streamOf(n)
    await system.update(imageStreams, 'bench', { ...made, status }, { subresource: 'status' })
  })
}

/** MiB: the most that the process ever had. */
async function peakOf({ pid }: ChildProcess): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(text)?.[1] ?? 0) / 1024)
}

/** Runs the program to its end; its peak is sampled, for it is gone afterwards. */
async function run(
  dataDir: string,
  args: readonly string[],
): Promise<{ seconds: number; peak: number; last: string }> {
  const env = { ...process.env, KUBECONFIG: join(dataDir, 'admin.kubeconfig'), HOME: dataDir }
  const started = performance.now()
  const child = spawn(weir, args, { env, stdio: ['ignore', 'pipe', 'inherit'] })
  let last = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    last = text.trimEnd().split('\n').at(-1) ?? last
  })
  let peak = 0
  const sampling = setInterval(async () => {
    peak = Math.max(peak, await peakOf(child))
  }, 100)
  const code = await new Promise((resolve) => child.once('close', resolve))
  clearInterval(sampling)
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}`)
  return { seconds: (performance.now() - started) / 1000, peak, last }
}

async function startServer(dataDir: string): Promise<{ child: ChildProcess; registry: string }> {
  const args = ['start', '--data-dir', dataDir, '--listen', '127.0.0.1:0', '--registry-listen', '127.0.0.1:0']
  const child = spawn(weir, args, { stdio: ['ignore', 'pipe', 'ignore'] })
  let text = ''
  for await (const chunk of child.stdout.setEncoding('utf8')) {
    text += chunk
    if (text.includes('weir is ready')) break
  }
  return { child, registry: /Registry +(\S+)/.exec(text)?.[1] ?? '' }
}

async function stop(child: ChildProcess): Promise<void> {
  const closed = new Promise((resolve) => child.once('close', resolve))
  child.kill('SIGTERM')
  await closed
}

/** Seconds of the run that the policy makes by itself, as its log tells; a schedule of every minute begins it. */
async function runPolicy(dataDir: string): Promise<string> {
  const spec = { suspend: false, schedule: '* * * * *' }
  await run(dataDir, ['patch', 'imagepruner', 'cluster', '--type=merge', '-p', JSON.stringify({ spec })])
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 1000))
    const path = 'jsonpath={.status.conditions[?(@.type=="Failed")].message}'
    const { last } = await run(dataDir, ['get', 'imagepruner', 'cluster', '-o', path])
    if (last !== '') return last
  }
}

async function measure(size: number): Promise<void> {
  for (const way of ['command', 'policy'] as const) {
    const dataDir = await mkdtemp(join(tmpdir(), 'weir-bench-prune-'))
    try {
      await fill(dataDir, size)
      const { child, registry } = await startServer(dataDir)
      const before = await peakOf(child)
      if (way === 'command') {
        const command = ['adm', 'prune', 'images', `--registry-url=${registry}`]
        const dry = await run(dataDir, command)
        say(
          `${size} images, dry run: ${dry.seconds.toFixed(1)} s, ${dry.peak} MiB; server ${before} to ${await peakOf(child)} MiB`,
        )
        const real = await run(dataDir, [...command, '--confirm'])
        say(
          `${size} images, real: ${real.seconds.toFixed(1)} s, ${real.peak} MiB; server to ${await peakOf(child)} MiB; ${real.last}`,
        )
      } else {
        const told = await runPolicy(dataDir)
        say(`${size} images, by itself: ${told}; server ${before} to ${await peakOf(child)} MiB`)
      }
      await stop(child)
    } finally {
      await rm(dataDir, { recursive: true, force: true })
    }
  }
}

const sizes = process.argv.slice(2).map(Number)
for (const size of sizes.length === 0 ? [1000, 10_000] : sizes) await measure(size)
