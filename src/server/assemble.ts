import { randomUUID } from 'node:crypto'
import type { FastifyBaseLogger, FastifyServerFactory } from 'fastify'
import { allKinds } from '../api/index.ts'
import { createApiDocuments } from '../apiserver/api-documents.ts'
import { createApiServer } from '../apiserver/api-server.ts'
import type { BeginAudit } from '../apiserver/audit.ts'
import { buildRoutes } from '../apiserver/build-routes.ts'
import { createFairness } from '../apiserver/fairness.ts'
import type { BlobStore } from '../blobs/blobs.ts'
import { createBuildControllers } from '../controllers/build.ts'
import { readBuildLog } from '../controllers/build-log.ts'
import { instantiateBinary } from '../controllers/build-upload.ts'
import { callWebhook } from '../controllers/build-webhook.ts'
import { createHistoryController } from '../controllers/history.ts'
import { createImagePrunerController } from '../controllers/image-pruner.ts'
import { runController } from '../controllers/run-controller.ts'
import { createTriggerControllers } from '../controllers/trigger-controllers.ts'
import { accountIssuerMetadata, oauthRoutes } from '../identity/index.ts'
import { createWhitelist } from '../image/index.ts'
import { createCollectorEndpoints, createRegistryMetrics } from '../registry/index.ts'
import { createTriggerWriters } from '../resources/admission/index.ts'
import { type ImageEndpointDeps, markedStreams, settleStamps } from '../resources/image/index.ts'
import { openMarks } from '../resources/marks.ts'
import { createResources, markings } from '../resources/resources.ts'
import type { Store } from '../store/store.ts'
import { bootstrap } from './bootstrap.ts'
import { type Config, reachable } from './config.ts'
import { createControllers } from './create-controllers.ts'
import { createEndpoints } from './create-endpoints.ts'
import { openBuilds } from './open-builds.ts'
import { openCollector } from './open-collector.ts'
import { openIdentity } from './open-identity.ts'
import { openImporter, readCAs } from './open-importer.ts'
import { openNotices } from './open-notices.ts'
import { createPruneContent } from './prune-content.ts'
import { openRegistryServer } from './registry-server.ts'
import { versionInfo } from './version.ts'

export interface Engines {
  store: Store
  blobs: BlobStore
}

export interface Surroundings {
  clock: () => Date
  log: FastifyBaseLogger
  /** What takes the requests; absent: nothing listens. */
  servers?: { api: FastifyServerFactory; registry: FastifyServerFactory }
  /** Absent: nothing is written down. */
  audit?: BeginAudit
  /** PEM of the CA that signed that certificate. */
  caCert?: string
}

export type Assembly = Awaited<ReturnType<typeof assemble>>

/**
 * The whole system over its engines, not yet listening: the one place that knows how the parts join (design.md §1). Dispose it
 * after both servers are closed.
 */
export async function assemble(
  config: Config,
  { store, blobs }: Engines,
  { clock, log, servers, audit, caCert = '' }: Surroundings,
) {
  const stopping = new AbortController()
  const draining = new AbortController()
  // A start that fails on the way leaves nothing running.
  using unfinished = new DisposableStack()
  unfinished.defer(() => stopping.abort())
  const resources = createResources({
    kinds: allKinds,
    store,
    clock,
    randomUuid: randomUUID,
    random: Math.random,
  })
  const client = resources.system
  const before = store.revision()
  for (const marking of markings) await openMarks(store, marking)
  await bootstrap(client, config.identity)
  // What the first start made is no history: nobody can have seen the state before it.
  if (before === 0) await store.compact(store.revision())
  const apiUrl = `https://${reachable(config.listen)}`
  const identity = await openIdentity(config, resources, { clock, log, signal: stopping.signal, apiUrl })
  const { authorize } = identity
  const internalRegistry = config.imagePolicy.internalRegistryHostname || reachable(config.registryListen)
  const imageDeps: ImageEndpointDeps = {
    ...resources.deps,
    authorize,
    recordsMoves: config.history.records,
    settings: {
      internalRegistry,
      externalRegistries: config.imagePolicy.externalRegistryHostnames,
      whitelist: createWhitelist(config.imagePolicy.allowedRegistriesForImport, internalRegistry),
      defaultImportMode: config.imagePolicy.imageStreamImportMode,
    },
  }
  const triggerDeps = {
    ...resources.deps,
    client,
    hosts: imageDeps.settings,
    writers: createTriggerWriters(resources.deps),
    policy: config.imagePolicy.workloads,
    triggerKinds: config.triggerKinds,
    authorize,
  }
  const registryMetrics = createRegistryMetrics(config.registry.metrics)
  const collecting = openCollector(config, imageDeps, blobs)
  const { leases, records, collector } = collecting
  const importer = await openImporter(config, imageDeps, {
    blobs: collecting.blobs,
    records,
    log,
    onPull: registryMetrics.pulled,
  })
  const registryAddresses = registryNames(config, internalRegistry)
  const openedBuilds = await openBuilds(config, { client, clock, registries: registryAddresses, caCert })
  const buildDeps = { client, hosts: imageDeps.settings, ...config.builds, ...openedBuilds, now: clock }
  const { projectRequestMessage } = config.identity
  resources.add(
    createEndpoints({ resources, identity, importer, imageDeps, triggerDeps, projectRequestMessage, clock }),
  )
  resources.add(createCollectorEndpoints(collector, stopping.signal))
  const fairness = createFairness(config.fairness, () => performance.now(), resources.deps.shortWork)
  const api = createApiServer({
    kinds: allKinds,
    endpoints: resources.endpoints,
    knowsKind: resources.knowsKind,
    documents: createApiDocuments(allKinds, versionInfo(), {
      '/openid/v1/jwks': identity.keys.jwks,
      '/.well-known/openid-configuration': accountIssuerMetadata(
        identity.issuer,
        `${apiUrl}/openid/v1/jwks`,
        identity.keys,
      ),
    }),
    authenticate: identity.callerOf,
    impersonate: identity.actsAs,
    plugins: [
      oauthRoutes(identity.oauth),
      buildRoutes({
        identify: async (request, action) =>
          identity.actsAs(await identity.callerOf(request), request, action),
        authorize,
        fairness,
        draining: draining.signal,
        readLog: (request) => readBuildLog(request, buildDeps),
        instantiateBinary: (request, caller) =>
          instantiateBinary(request, {
            client: resources.clientFor(caller, async () => ({ allowed: true, reason: '' })),
            files: openedBuilds.files,
          }),
        callWebhook: (call) => callWebhook(call, client),
      }),
    ],
    authorize,
    fairness,
    clock,
    draining: draining.signal,
    log,
    ...(audit === undefined ? {} : { audit }),
    ...(servers === undefined ? {} : { serverFactory: servers.api }),
  })
  const registry = await openRegistryServer({
    config,
    serverAddress: internalRegistry,
    resources,
    identity,
    store,
    blobs: collecting.blobs,
    records,
    leases,
    pullThrough: importer.pullThrough,
    metrics: registryMetrics,
    clock,
    log,
    ...(servers === undefined ? {} : { serverFactory: servers.registry }),
  })
  const extraCAs = await readCAs(config.importCAs)
  const notices = openNotices(config.notifications, { client, store, clock, extraCAs })
  const controllers = [
    ...createControllers({
      config,
      client,
      markedStreams: (mark) => markedStreams(store, mark),
      identity,
      importer,
      collector,
      log,
      registryAddresses,
      caCert,
      clock,
    }),
    createHistoryController(resources.deps, config.history),
    ...createTriggerControllers({ ...triggerDeps, now: clock }),
    createImagePrunerController({
      client,
      content: createPruneContent(registry, identity.adminToken),
      now: clock,
      log,
    }),
    notices.controller,
    ...createBuildControllers(buildDeps),
  ]
  const running = controllers.map((controller) => runController(controller, stopping.signal, log))
  unfinished.move()
  return {
    api,
    registry,
    resources,
    identity,
    collector,
    /** Ends watches, so that the servers can close. */
    drain: () => draining.abort(),
    async [Symbol.asyncDispose]() {
      draining.abort()
      stopping.abort()
      await Promise.all(running)
      await importer[Symbol.asyncDispose]()
      await collecting[Symbol.asyncDispose]()
      await notices[Symbol.asyncDispose]()
      await settleStamps(clock(), resources.deps).catch((err: unknown) =>
        log.warn({ err }, 'the stamps of records were not settled'),
      )
    },
  }
}

/** Every name that clients know our registry by, for the service accounts' pull secrets (auth.md U-31). */
function registryNames({ registryListen, imagePolicy }: Config, internalRegistry: string): string[] {
  const { externalRegistryHostnames, serviceRegistryHostnames } = imagePolicy
  const own = [internalRegistry, reachable(registryListen)]
  return [...new Set([...own, ...externalRegistryHostnames, ...serviceRegistryHostnames])]
}
