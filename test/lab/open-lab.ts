import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import { pino } from 'pino'
import type { Subject } from '../../src/access/access.ts'
import { type ProjectRequest, projectRequests, serviceAccounts } from '../../src/api/index.ts'
import { type AuditSink, createAudit } from '../../src/apiserver/audit.ts'
import { type BlobStore, openFileBlobs } from '../../src/blobs/index.ts'
import type { Client } from '../../src/client/client.ts'
import { assemble } from '../../src/server/assemble.ts'
import { loadConfig } from '../../src/server/config.ts'
import { openSqliteStore, type SqliteStoreOptions, type Store } from '../../src/store/index.ts'
import { indexOf, type TestBlob, type TestImage } from './random-image.ts'

/** Where the lab's registry believes to be, as it stands in references to what is pushed. */
export const registryAddress = 'registry.lab:5000'

/** The shipped assembly on a store in memory, without sockets and with a clock that only turns by hand. */
export interface Lab extends AsyncDisposable {
  /** Acts as the program itself. */
  client: Client
  /** Acts as alice, bob, carol or root (a cluster admin): each call is authorised. */
  as(name: string): Client
  api: FastifyInstance
  registry: FastifyInstance
  store: Store
  blobs: BlobStore
  clock: LabClock
  /** What was logged at level warn or above, a JSON document a line. */
  logged(): string[]
  /** Requests a project for the user; resolves when all that comes with one is there. */
  project(name: string, owner?: string): Promise<void>
  /** One request to the API, without a socket. As alice, unless it says otherwise. */
  call(method: string, path: string, request?: LabRequest): Promise<LabResponse>
  /** The same, to the registry. */
  pull(method: string, path: string, request?: LabRequest): Promise<LabResponse>
  /** Pushes the image to `<project>/<stream>:<tag>`, or `@<digest>`, through the registry. */
  push(reference: string, image: TestImage, as?: string): Promise<TestImage>
  /** Pushes images by digest, and an index over them under the reference. */
  pushIndex(reference: string, images: Readonly<Record<string, TestImage>>, as?: string): Promise<TestBlob>
}

export interface LabClock {
  now(): Date
  /** Milliseconds. */
  advance(by: number): void
}

export interface LabRequest {
  /** Whose token is sent; '' for none. */
  as?: string
  headers?: Record<string, string>
  /** Text and bytes as they are, anything else as JSON. */
  body?: unknown
}

export interface LabResponse {
  status: number
  headers: LightMyRequestResponse['headers']
  bytes: Buffer
  text: string
  json<T = Record<string, unknown>>(): T
}

export interface LabOptions {
  /** Bounds on what the store keeps for watchers. */
  watch?: SqliteStoreOptions['watch']
  /** A config file's text (docs/configuration.md). */
  config?: string
  /** Gets the audit log, line by line. */
  audit?: AuditSink
}

const users: Record<string, string[]> = { alice: [], bob: [], carol: [], root: ['system:cluster-admins'] }

export async function openLab(options: LabOptions = {}): Promise<Lab> {
  await using opened = new AsyncDisposableStack()
  const dir = await mkdtemp(join(tmpdir(), 'weir-lab-'))
  opened.defer(() => rm(dir, { recursive: true, force: true }))
  const clock = createLabClock()
  const lines: string[] = []
  const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) })
  const store = opened.use(await openSqliteStore({ file: ':memory:', watch: options.watch ?? {} }))
  const blobs = opened.use(await openFileBlobs({ dir: join(dir, 'blobs'), clock: clock.now }))
  const config = await loadConfig(await writeSettings(dir, options), {})
  const { audit: sink } = options
  const audit = sink === undefined ? {} : { audit: createAudit({ sink, reads: true, clock: clock.now }) }
  const assembly = opened.use(await assemble(config, { store, blobs }, { clock: clock.now, log, ...audit }))
  opened.defer(async () => void (await Promise.all([assembly.api.close(), assembly.registry.close()])))
  opened.defer(() => assembly.drain())
  await Promise.all([assembly.api.ready(), assembly.registry.ready()])

  const as = (name: string) => assembly.resources.clientFor(subjectOf(name), assembly.identity.authorize)
  const call: Lab['call'] = (method, path, request) => send(assembly.api, method, path, request)
  const pull: Lab['pull'] = (method, path, request) => send(assembly.registry, method, path, request)
  const client = assembly.resources.system
  const parts = opened.move()
  return {
    client,
    as,
    api: assembly.api,
    registry: assembly.registry,
    store,
    blobs,
    clock,
    logged: () => [...lines],
    async project(name, owner = 'alice') {
      await as(owner).create(projectRequests, '', { metadata: { name } } as ProjectRequest)
      await accountsReady(client, name)
    },
    call,
    pull,
    push: (reference, image, user) => pushImage(pull, reference, image, user),
    async pushIndex(reference, images, user) {
      const { repository } = parseTarget(reference)
      for (const image of Object.values(images)) {
        await pushImage(pull, `${repository}@${image.digest}`, image, user)
      }
      const index = indexOf(images)
      await putManifest(pull, reference, index, user)
      return index
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  }
}

/** 2026-01-01, noon, until it is turned. */
function createLabClock(): LabClock {
  let time = Date.UTC(2026, 0, 1, 12)
  return {
    now: () => new Date(time),
    advance(by) {
      time += by
    },
  }
}

async function writeSettings(dir: string, { config = '' }: LabOptions) {
  const tokens = Object.keys(users).map((name) => `${name}-token,${name},,"${groupsOf(name).join(',')}"`)
  await writeFile(join(dir, 'tokens.csv'), `${tokens.join('\n')}\n`)
  await writeFile(join(dir, 'weir.yaml'), config)
  return {
    dataDir: dir,
    config: join(dir, 'weir.yaml'),
    tokenAuthFile: join(dir, 'tokens.csv'),
    registryListen: registryAddress,
  }
}

function groupsOf(name: string): string[] {
  const groups = users[name]
  assert(groups !== undefined, `the lab has no user ${name}`)
  return ['system:authenticated:oauth', ...groups]
}

function subjectOf(name: string): Subject {
  return { name, groups: [...groupsOf(name), 'system:authenticated'] }
}

/** Every project has three accounts, each with a pull secret; controllers make them. */
async function accountsReady(client: Client, namespace: string): Promise<void> {
  const waiting = new Set(['builder', 'default', 'deployer'])
  for await (const event of client.watch(serviceAccounts, namespace)) {
    assert(event.type !== 'ERROR')
    const { metadata, imagePullSecrets = [] } = event.object
    if (imagePullSecrets.length > 0) waiting.delete(metadata.name ?? '')
    if (waiting.size === 0) return
  }
}

async function send(
  app: FastifyInstance,
  method: string,
  path: string,
  { as = 'alice', headers = {}, body }: LabRequest = {},
): Promise<LabResponse> {
  const plain = body === undefined || typeof body === 'string' || body instanceof Uint8Array
  const response = await app.inject({
    method: method as 'GET',
    url: path,
    headers: {
      ...(as === '' ? {} : { authorization: `Bearer ${as}-token` }),
      ...(plain ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { payload: plain ? (body as string) : JSON.stringify(body) }),
  })
  return {
    status: response.statusCode,
    headers: response.headers,
    bytes: response.rawPayload,
    text: response.body,
    json: <T>() => JSON.parse(response.body) as T,
  }
}

function parseTarget(reference: string): { repository: string; target: string } {
  const [, repository, target] = /^([^:@]+)[:@](.+)$/.exec(reference) ?? []
  assert(repository !== undefined && target !== undefined, `${reference} has neither tag nor digest`)
  return { repository, target }
}

async function putManifest(pull: Lab['pull'], reference: string, manifest: TestBlob, as = 'alice') {
  const { repository, target } = parseTarget(reference)
  const { bytes: body, mediaType } = manifest
  const headers = { 'content-type': mediaType }
  const put = await pull('PUT', `/v2/${repository}/manifests/${target}`, { as, body, headers })
  assert.equal(put.status, 201, put.text)
}

async function pushImage(pull: Lab['pull'], reference: string, image: TestImage, as = 'alice') {
  const { repository } = parseTarget(reference)
  for (const { digest, bytes: body } of [image.config, ...image.layers]) {
    const path = `/v2/${repository}/blobs/uploads/?digest=${digest}`
    const headers = { 'content-type': 'application/octet-stream' }
    const posted = await pull('POST', path, { as, body, headers })
    assert.equal(posted.status, 201, posted.text)
  }
  await putManifest(pull, reference, image, as)
  return image
}
