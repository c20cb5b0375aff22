import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { createTransport } from '../client/index.ts'
import { runCli } from './run-cli.ts'

/** For tests: a command line run against a real server on a loopback port that gives prepared answers. */

export interface Exchange {
  /** `GET /path?query`; each answers once, in any order. */
  on: string
  status?: number
  answer?: unknown
  headers?: Record<string, string>
}

export interface RunResult {
  code: number
  stdout: string
  stderr: string
  /** `METHOD /path` of every request but those of discovery, in order. */
  requests: string[]
  /** Parsed bodies of the requests that had one, in order. */
  bodies: unknown[]
  server: string
}

export interface RunOptions {
  program?: string
  stdin?: string
  now?: string
  namespace?: string
  /** Files beside the kubeconfig, by name; relative paths on the command line mean them. */
  files?: Record<string, string>
  env?: Record<string, string>
  /** Called with the folder after the run, before it is removed. */
  after?(folder: string): Promise<void>
}

const resource = (name: string, kind: string, verbs: string[], extra: object = {}) => ({
  resource: name,
  responseKind: { group: '', version: 'v1', kind },
  scope: 'Namespaced',
  singularResource: kind.toLowerCase(),
  verbs,
  ...extra,
})
const all = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch']
const group = (name: string, resources: object[]) => ({
  metadata: { name },
  versions: [{ version: 'v1', resources }],
})
const discovery = (items: object[]) => ({
  kind: 'APIGroupDiscoveryList',
  apiVersion: 'apidiscovery.k8s.io/v2',
  metadata: {},
  items,
})

const core = discovery([
  group('', [
    resource('secrets', 'Secret', all),
    resource('serviceaccounts', 'ServiceAccount', all, { shortNames: ['sa'] }),
    resource('pods', 'Pod', all, { shortNames: ['po'], categories: ['all'] }),
  ]),
])
const groups = discovery([
  group('apps', [
    resource('deployments', 'Deployment', all, { shortNames: ['deploy'], categories: ['all'] }),
  ]),
  group('apps.openshift.io', [
    resource('deploymentconfigs', 'DeploymentConfig', all, { shortNames: ['dc'] }),
  ]),
  group('image.openshift.io', [
    resource('images', 'Image', all, { scope: 'Cluster' }),
    resource('imagestreams', 'ImageStream', all, { shortNames: ['is'], categories: ['all'] }),
    resource('imagestreamtags', 'ImageStreamTag', all, { shortNames: ['istag'] }),
  ]),
])

function kubeconfig(server: string, namespace: string): string {
  return `apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "${server}"}}]
users: [{name: u, user: {token: secret-token}}]
contexts: [{name: ctx, context: {cluster: c, user: u, namespace: ${namespace}}}]
current-context: ctx
`
}

export async function runAgainst(
  argv: string[],
  exchanges: Exchange[],
  options: RunOptions = {},
): Promise<RunResult> {
  const left = [...exchanges]
  const requests: string[] = []
  const bodies: unknown[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const url = request.url ?? ''
    const built = url.startsWith('/api?') ? core : url.startsWith('/apis?') ? groups : undefined
    const on = `${request.method} ${url}`
    const at = left.findIndex((exchange) => exchange.on === on)
    const found = built === undefined ? left[at] : { on, answer: built }
    if (built === undefined) {
      requests.push(on)
      const text = Buffer.concat(chunks).toString()
      if (text !== '') bodies.push(JSON.parse(text))
      if (at !== -1) left.splice(at, 1)
    }
    const type =
      built === undefined
        ? 'application/json'
        : 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
    response.writeHead(found?.status ?? (found === undefined ? 404 : 200), {
      'Content-Type': type,
      ...found?.headers,
    })
    response.end(typeof found?.answer === 'string' ? found.answer : JSON.stringify(found?.answer ?? {}))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const folder = await mkdtemp(join(tmpdir(), 'weir-cli-'))
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    await writeFile(join(folder, 'config'), kubeconfig(url, options.namespace ?? 'demo'))
    for (const [name, text] of Object.entries(options.files ?? {})) await writeFile(join(folder, name), text)
    const out = { stdout: '', stderr: '' }
    const collect = (stream: keyof typeof out) => ({
      isTty: false,
      write(text: string) {
        out[stream] += text
      },
    })
    const code = await runCli(
      argv,
      {
        env: { HOME: folder, KUBECONFIG: join(folder, 'config'), ...options.env },
        cwd: folder,
        stdin: Readable.from([options.stdin ?? '']),
        stdout: collect('stdout'),
        stderr: collect('stderr'),
        now: () => new Date(options.now ?? '2026-01-01T00:10:00Z'),
        connect: createTransport,
        signal: new AbortController().signal,
      },
      { program: options.program ?? 'oc' },
    )
    await options.after?.(folder)
    return { code, ...out, requests, bodies, server: url }
  } finally {
    server.closeAllConnections()
    server.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** A `Status` as the server refuses with. */
export function refusal(
  code: number,
  reason: string,
  message: string,
  details: object = {},
): Pick<Exchange, 'status' | 'answer'> {
  return {
    status: code,
    answer: {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      reason,
      details,
      code,
    },
  }
}
