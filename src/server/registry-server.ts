import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyServerFactory,
  fastify,
  LogController,
} from 'fastify'
import { noSchemas } from '../apiserver/no-schemas.ts'
import type { BlobStore } from '../blobs/blobs.ts'
import {
  createRegistry,
  defaultRegistryConfig,
  type Leases,
  type PullThrough,
  type RegistryMetrics,
  type RepositoryRecords,
  registryServerOptions,
  trustNetworks,
} from '../registry/index.ts'
import type { Resources } from '../resources/resources.ts'
import type { Store } from '../store/store.ts'
import { createBlobAdmission } from './admit-blob.ts'
import type { Config } from './config.ts'
import { readIfPresent, writeWhole } from './files.ts'
import type { OpenIdentity } from './open-identity.ts'

export interface RegistryServerDeps {
  config: Config
  /** `host[:port]` in references of what is pushed. */
  serverAddress: string
  resources: Resources
  identity: OpenIdentity
  store: Store
  blobs: BlobStore
  records: RepositoryRecords
  leases: Leases
  pullThrough: PullThrough
  metrics: RegistryMetrics
  clock: () => Date
  log: FastifyBaseLogger
  /** The server that takes the requests; absent: one that never listens (`inject`). */
  serverFactory?: FastifyServerFactory
}

/** The registry, for an address of its own. */
export async function openRegistryServer(deps: RegistryServerDeps): Promise<FastifyInstance> {
  const { config, resources, identity } = deps
  const app = fastify({
    ...noSchemas,
    ...registryServerOptions,
    loggerInstance: deps.log,
    logController: new LogController({ disableRequestLogging: true }),
    ...(deps.serverFactory === undefined ? {} : { serverFactory: deps.serverFactory }),
  }) as FastifyInstance
  await app.register(
    createRegistry({
      config: {
        ...defaultRegistryConfig,
        serverAddress: deps.serverAddress,
        secret: await openSecret(config.dataDir),
        manifestVisibility: config.manifestVisibility,
        metrics: { enabled: config.registry.metrics, secret: config.registry.metricsSecret },
        audit: config.registry.audit,
        accessLog: config.registry.accessLog,
        tagHistory: config.registry.tagHistory,
        trustsForwarded: trustNetworks(config.registry.trustedProxies),
        keepsPruned: config.garbageCollection.trash > 0,
      },
      client: resources.system,
      clientFor: (subject) => resources.clientFor(subject, identity.authorize),
      authenticate: identity.authenticate,
      authorize: identity.authorize,
      logIn: identity.logInAtRegistry,
      onPolicyChange: (listener) => void identity.policySource.onChange(listener),
      blobs: deps.blobs,
      records: deps.records,
      leases: deps.leases,
      store: deps.store,
      pullThrough: deps.pullThrough,
      metrics: deps.metrics,
      ...(config.registry.enforceBlobLimits ? { admitsBlob: createBlobAdmission(resources.system) } : {}),
      clock: deps.clock,
      log: deps.log,
    }),
  )
  return app
}

/** Signs upload states; kept, so that uploads go on after a restart. */
async function openSecret(dataDir: string): Promise<string> {
  const path = join(dataDir, 'pki', 'registry.secret')
  const known = (await readIfPresent(path))?.trim()
  if (known) return known
  const secret = randomBytes(32).toString('base64url')
  await writeWhole(path, `${secret}\n`, 0o600)
  return secret
}
