import { createHash, randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Fastify from 'fastify'
import type { Action, Authorize, Subject } from '../access/access.ts'
import { allKinds, type Namespace, namespaces } from '../api/index.ts'
import { type BlobStore, openFileBlobs } from '../blobs/index.ts'
import type { Client } from '../client/client.ts'
import { createWhitelist } from '../image/index.ts'
import type { Digest, DigestAlgorithm } from '../oci/index.ts'
import { createImageEndpoints } from '../resources/image/index.ts'
import { createResources, type Resources } from '../resources/resources.ts'
import { openSqliteStore, type Store } from '../store/index.ts'
import { defaultRegistryConfig, type RegistryConfig } from './config.ts'
import { createRegistry, type RegistryDeps, registryServerOptions } from './create-registry.ts'

/** A registry on a loopback port, on real blobs and a real store, for the tests of this folder. */
export interface RegistryLab extends AsyncDisposable {
  url: string
  host: string
  /** Acts as the program itself. */
  client: Client
  store: Store
  blobs: BlobStore
  /** Folder of the blobs. */
  dir: string
  /** What was logged, as text. */
  logged(): string
  /** Every question that the authorizer was asked. */
  asked: { subject: string; action: Action }[]
  /** Takes grants away and gives others. */
  grants: Grant[]
  /** As alice, unless the options say `as`. */
  request(method: string, path: string, options?: LabRequest): Promise<LabResponse>
}

export interface LabRequest {
  /** '' sends no credentials. */
  as?: string
  headers?: Record<string, string>
  body?: Uint8Array | string | AsyncIterable<Uint8Array>
}

export interface LabResponse {
  status: number
  headers: Headers
  bytes: Buffer
  text: string
  json(): unknown
}

/** May `user` do `verb` to `resource[/subresource]` in `namespace` (absent: in all and outside)? */
export interface Grant {
  user: string
  verbs: readonly string[]
  resource: string
  namespace?: string
}

const layers = 'imagestreams/layers'
const streams = 'imagestreams'
/** alice administers demo, bob may pull from it, root may everything. */
export const defaultGrants: readonly Grant[] = [
  { user: 'alice', verbs: ['get', 'update'], resource: layers, namespace: 'demo' },
  { user: 'alice', verbs: ['get', 'update'], resource: layers, namespace: 'other' },
  { user: 'alice', verbs: ['create'], resource: streams, namespace: 'demo' },
  { user: 'alice', verbs: ['create'], resource: streams, namespace: 'other' },
  { user: 'bob', verbs: ['get'], resource: layers, namespace: 'demo' },
  { user: 'bob', verbs: ['get', 'update'], resource: layers, namespace: 'bob' },
  { user: 'bob', verbs: ['create'], resource: streams, namespace: 'bob' },
  { user: 'pusher', verbs: ['get', 'update'], resource: layers, namespace: 'demo' },
  { user: 'root', verbs: ['*'], resource: '*' },
]

function isGranted(grants: readonly Grant[], subject: Subject, action: Action): boolean {
  if (action.kind !== 'resource') return false
  const resource = action.subresource === '' ? action.resource : `${action.resource}/${action.subresource}`
  return grants.some(
    ({ user, verbs, resource: granted, namespace }) =>
      user === subject.name &&
      (verbs.includes('*') || verbs.includes(action.verb)) &&
      (granted === '*' || granted === resource) &&
      (namespace === undefined || namespace === action.namespace),
  )
}

export interface LabOptions {
  config?: Partial<RegistryConfig>
  deps?: Partial<RegistryDeps>
}

/** As it stands in references to what is pushed. */
export const registryAddress = 'registry.test:5000'

const users = ['alice', 'bob', 'pusher', 'root', 'mallory']

/** The API over the lab's store, with everything of the image group. */
async function openApi(store: Store, authorize: Authorize): Promise<Resources> {
  const resources = createResources({
    kinds: allKinds,
    store,
    clock: () => new Date(),
    randomUuid: randomUUID,
    random: Math.random,
  })
  const settings = {
    internalRegistry: registryAddress,
    externalRegistries: [],
    whitelist: createWhitelist([], registryAddress),
    defaultImportMode: 'Legacy',
  } as const
  resources.add(createImageEndpoints({ ...resources.deps, authorize, settings }))
  for (const name of ['demo', 'other', 'bob']) {
    await resources.system.create(namespaces, '', { metadata: { name } } as Namespace)
  }
  return resources
}

export async function openRegistryLab(options: LabOptions = {}): Promise<RegistryLab> {
  const dir = await mkdtemp(join(tmpdir(), 'weir-registry-'))
  const store = await openSqliteStore({ file: ':memory:' })
  const blobs = await openFileBlobs({ dir })
  const asked: RegistryLab['asked'] = []
  const grants = [...defaultGrants]
  const lines: string[] = []
  const write = (fields: object, message: string): void => {
    lines.push(
      `${message} ${JSON.stringify(fields, (_key, value) => (value instanceof Error ? value.stack : value))}`,
    )
  }
  const authorize: Authorize = async (subject, action) => {
    asked.push({ subject: subject.name, action })
    return { allowed: isGranted(grants, subject, action), reason: '' }
  }
  const resources = await openApi(store, authorize)
  const deps: RegistryDeps = {
    config: {
      ...defaultRegistryConfig,
      serverAddress: registryAddress,
      secret: 'lab',
      ...options.config,
    },
    client: resources.system,
    clientFor: (subject) => resources.clientFor(subject, authorize),
    async authenticate({ authorization = '' }) {
      const name = /^Bearer (\w+)-token$/.exec(authorization)?.[1] ?? ''
      return users.includes(name) ? { subject: { name, groups: ['system:authenticated'] } } : 'bad'
    },
    authorize,
    blobs,
    store,
    clock: () => new Date(),
    log: { info: write, warn: write, error: write },
    ...options.deps,
  }
  const app = Fastify(registryServerOptions)
  await app.register(createRegistry(deps))
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  const host = `127.0.0.1:${port}`
  const url = `http://${host}`
  return {
    url,
    host,
    client: resources.system,
    store,
    blobs,
    dir,
    asked,
    grants,
    logged: () => lines.join('\n'),
    request: (method, path, request) => send(url, method, path, request),
    async [Symbol.asyncDispose]() {
      app.server.closeAllConnections()
      await app.close()
      await store[Symbol.asyncDispose]()
      await blobs[Symbol.asyncDispose]()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

/** As bytes: for text, fetch would make up a Content-Type. */
function toBody(body: NonNullable<LabRequest['body']>): never {
  return (typeof body === 'string' ? Buffer.from(body) : body) as never
}

async function send(
  url: string,
  method: string,
  path: string,
  { as = 'alice', headers = {}, body }: LabRequest = {},
): Promise<LabResponse> {
  const response = await fetch(path.startsWith('http') ? path : `${url}${path}`, {
    method,
    headers: { ...(as === '' ? {} : { authorization: `Bearer ${as}-token` }), ...headers },
    redirect: 'manual',
    ...(body === undefined ? {} : { body: toBody(body), duplex: 'half' }),
  })
  const bytes = Buffer.from(await response.arrayBuffer())
  const text = bytes.toString('utf8')
  return {
    status: response.status,
    headers: response.headers,
    bytes,
    text,
    json: () => JSON.parse(text) as unknown,
  }
}

export function digestOf(bytes: Uint8Array | string, algorithm: DigestAlgorithm = 'sha256'): Digest {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}` as Digest
}
