import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { FastifyInstance } from 'fastify'
import { type ImageStream, imageStreams, images, type Pod, pods } from '../../src/api/index.ts'
import { runCli } from '../../src/cli/index.ts'
import { createTransport, type HttpRequest, type HttpResponse } from '../../src/client/transport.ts'
import { isApiError } from '../../src/machinery/errors.ts'
import { formatTime } from '../../src/machinery/object.ts'
import { parseDigest } from '../../src/oci/index.ts'
import { type Lab, openLab } from '../lab/open-lab.ts'
import type { TestImage } from '../lab/random-image.ts'
import { imageOf } from './shared-image.ts'

export const minute = 60_000

/** `weir adm prune images` against the shipped assembly, over sockets, with a clock that only turns by hand. */
export interface PruneRig extends AsyncDisposable {
  lab: Lab
  /** `METHOD /path` of what the last run asked of the API and of the registry. */
  requests: { api: string[]; registry: string[] }
  /** Set to stand between the command and a server; undefined lets the request through. */
  intercept: (request: HttpRequest, to: 'api' | 'registry') => Promise<HttpResponse | undefined>
  run(args?: string[], options?: { program?: string; user?: string }): Promise<PruneResult>
  /** Makes the stream's tags and their histories, newest first; every item is two hours old unless `minutes` says otherwise. */
  stream(name: string, tags: Record<string, readonly Item[]>): Promise<void>
  /** Pushes by digest: in no stream. */
  unlisted(image: TestImage): Promise<void>
  pod(image: string, phase: string, minutes?: number): Promise<void>
  /** Digests in the tag's history; [] when there is none. */
  items(name: string, tag: string): Promise<string[]>
  hasImage(image: { digest: string }): Promise<boolean>
  hasBlob(blob: { digest: string }): Promise<boolean>
}

export interface Item {
  image: TestImage
  minutes?: number
}

export interface PruneResult {
  code: number
  stdout: string[]
  stderr: string
  summary: string
}

/** Of age two hours. */
export const old = (...seeds: TestImage[]): Item[] => seeds.map((image) => ({ image }))

async function listen(app: FastifyInstance): Promise<string> {
  await app.listen({ host: '127.0.0.1', port: 0 })
  return `127.0.0.1:${(app.server.address() as AddressInfo).port}`
}

export async function openPruneRig(config = ''): Promise<PruneRig> {
  await using opened = new AsyncDisposableStack()
  const lab = opened.use(await openLab({ config }))
  await lab.project('demo')
  const [api, registry] = [await listen(lab.api), await listen(lab.registry)]
  const folder = await mkdtemp(join(tmpdir(), 'weir-prune-'))
  opened.defer(() => rm(folder, { recursive: true, force: true }))
  const kubeconfigOf = (user: string) => `apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "http://${api}"}}]
users: [{name: u, user: {token: ${user}-token}}]
contexts: [{name: ctx, context: {cluster: c, user: u}}]
current-context: ctx
`
  const parts = opened.move()
  const rig: PruneRig = {
    lab,
    requests: { api: [], registry: [] },
    intercept: async () => undefined,
    async run(args = ['--confirm'], { program = 'weir', user = 'root' } = {}) {
      rig.requests = { api: [], registry: [] }
      const config = join(folder, user)
      await writeFile(config, kubeconfigOf(user))
      const out = { stdout: '', stderr: '' }
      const collect = (stream: keyof typeof out) => ({
        isTty: false,
        write(text: string) {
          out[stream] += text
        },
      })
      const argv = ['adm', 'prune', 'images', `--registry-url=http://${registry}`, ...args]
      const io = {
        env: { HOME: folder, KUBECONFIG: config },
        cwd: folder,
        stdin: Readable.from([]),
        stdout: collect('stdout'),
        stderr: collect('stderr'),
        now: lab.clock.now,
        connect: (options: Parameters<typeof createTransport>[0]) => connect(rig, options, registry),
        signal: new AbortController().signal,
      }
      const code = await runCli(argv, io, { program })
      const stdout = out.stdout.split('\n').filter((line) => line !== '')
      const summary = stdout.find((line) => line.startsWith('Summary: ')) ?? ''
      return { code, stdout, stderr: out.stderr, summary }
    },
    async stream(name, tags) {
      for (const { image } of Object.values(tags).flat()) await lab.push(`demo/${name}:tmp`, image)
      await rewrite(lab, name, tags)
    },
    async unlisted(image) {
      await lab.push(`demo/spare@${image.digest}`, image)
    },
    async pod(image, phase, minutes = 120) {
      const name = `pod-${minutes}-${phase.toLowerCase()}`
      lab.clock.advance(-minutes * minute)
      await lab.client.create(pods, 'demo', {
        metadata: { name },
        spec: { containers: [{ name: 'c', image }] },
      } as Pod)
      lab.clock.advance(minutes * minute)
      await lab.client.patch(
        pods,
        'demo',
        name,
        { type: 'merge', body: { status: { phase } } },
        { subresource: 'status' },
      )
    },
    async items(name, tag) {
      const stream = await lab.client.get(imageStreams, 'demo', name)
      const found = stream.status.tags?.find((entry) => entry.tag === tag)
      return (found?.items ?? []).map(({ image }) => image)
    },
    async hasImage({ digest }) {
      try {
        await lab.client.get(images, '', digest)
        return true
      } catch (error) {
        if (isApiError(error, 'NotFound')) return false
        throw error
      }
    },
    async hasBlob({ digest }) {
      const parsed = parseDigest(digest)
      assert(parsed !== undefined)
      return (await lab.blobs.stat(parsed)) !== undefined
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  }
  return rig
}

function connect(rig: PruneRig, options: Parameters<typeof createTransport>[0], registry: string) {
  const to = options.server.endsWith(registry) ? 'registry' : 'api'
  const transport = createTransport(options)
  return {
    async send(request: HttpRequest) {
      if (request.path === '/admin/removals') return sendRemovals(rig, request, transport)
      rig.requests[to].push(`${request.method} ${request.path}`)
      return (await rig.intercept(request, to)) ?? transport.send(request)
    },
    [Symbol.dispose]: () => transport[Symbol.dispose](),
  }
}

type Removal = Record<'kind' | 'repository' | 'digest', string>

function pathOf({ kind, repository, digest }: Removal): string {
  if (kind === 'blob') return `/admin/blobs/${digest}`
  return `/v2/${repository}/${kind === 'layer-link' ? 'blobs' : 'manifests'}/${digest}`
}

/** What goes in one request counts, and is stood in the way of, as the requests that it stands for. */
async function sendRemovals(
  rig: PruneRig,
  request: HttpRequest,
  transport: ReturnType<typeof createTransport>,
): Promise<HttpResponse> {
  const { removals } = JSON.parse(request.body as string) as { removals: Removal[] }
  const statuses = await Promise.all(
    removals.map(async (removal) => {
      const one = { method: 'DELETE', path: pathOf(removal), headers: request.headers }
      rig.requests.registry.push(`DELETE ${one.path}`)
      return (await rig.intercept(one, 'registry'))?.status
    }),
  )
  const left = removals.filter((_, at) => statuses[at] === undefined)
  const response = await transport.send({ ...request, body: JSON.stringify({ removals: left }) })
  if (response.status !== 200) return response
  const answered = (JSON.parse(await text(response.body)) as { statuses: number[] }).statuses.values()
  const merged = statuses.map((status) => status ?? answered.next().value)
  return { ...response, body: Readable.from([JSON.stringify({ statuses: merged })]) }
}

/** Status and spec as wanted, whatever the pushes have made of them. */
async function rewrite(lab: Lab, name: string, tags: Record<string, readonly Item[]>): Promise<void> {
  const stream = await lab.client.get(imageStreams, 'demo', name)
  const before = (minutes: number) => formatTime(new Date(lab.clock.now().getTime() - minutes * minute))
  const status: ImageStream['status'] = {
    ...stream.status,
    tags: Object.entries(tags).map(([tag, items]) => ({
      tag,
      items: items.map(({ image, minutes = 120 }) => ({
        created: before(minutes),
        dockerImageReference: `registry.lab:5000/demo/${name}@${image.digest}`,
        image: image.digest,
        generation: 1,
      })),
    })),
  }
  await lab.client.update(imageStreams, 'demo', { ...stream, status }, { subresource: 'status' })
}

/** As a server that can't. */
export function refusal(status = 500): HttpResponse {
  return { status, headers: {}, warnings: [], body: Readable.from([]) }
}

/** Images a, b, c, d: each of a layer that all share and one of its own. */
export function fourImages(): { a: TestImage; b: TestImage; c: TestImage; d: TestImage } {
  const make = (seed: string) => imageOf(seed, ['shared', seed])
  return { a: make('a'), b: make('b'), c: make('c'), d: make('d') }
}
