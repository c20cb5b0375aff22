import { randomBytes, randomUUID } from 'node:crypto'
import type { ImageStream } from '../api/image/index.ts'
import { allKinds, namespaces } from '../api/index.ts'
import type { Client } from '../client/client.ts'
import { type CollectControllerDeps, createCollectController } from '../controllers/collect.ts'
import { createImportController } from '../controllers/import.ts'
import { createNamespaceController } from '../controllers/namespace.ts'
import {
  createAccountSecretController,
  createProjectAccessController,
} from '../controllers/project-access.ts'
import type { Controller } from '../controllers/reconcile.ts'
import { createRoleAggregationController } from '../controllers/role-aggregation.ts'
import { createScheduleController } from '../controllers/schedule.ts'
import { createStreamQuotaController } from '../controllers/stream-quota.ts'
import { createTokenSecretController } from '../controllers/token-secret.ts'
import { createTokenSweepController } from '../controllers/token-sweep.ts'
import { defaultSweepSettings, probeReference } from '../importer/index.ts'
import type { Collector } from '../registry/index.ts'
import type { StreamMark } from '../resources/image/index.ts'
import type { Config } from './config.ts'
import { audiences, type OpenIdentity } from './open-identity.ts'
import type { OpenImporter } from './open-importer.ts'

/** Seconds; a pull secret's token is renewed when 40 % of it are left. */
const accountTokenLifetime = 3600 * 24 * 365

export interface ControllerDeps {
  config: Config
  client: Client
  markedStreams(mark: StreamMark): AsyncIterable<ImageStream>
  identity: OpenIdentity
  importer: OpenImporter
  collector: Collector
  log: CollectControllerDeps['log']
  /** `host[:port]` of our registry, as workloads name it. */
  registryAddresses: readonly string[]
  /** PEM of the CA that signed the API's certificate; '' where the API has none. */
  caCert: string
  clock: () => Date
}

/** Everything that follows from a change by itself. */
export function createControllers(deps: ControllerDeps): Controller[] {
  const { config, client, identity, importer, registryAddresses, clock } = deps
  return [
    createNamespaceController({
      client,
      namespaces,
      kinds: allKinds.filter((kind) => kind.stored && kind.namespaced),
    }),
    createImportController(client, () => deps.markedStreams('import')),
    ...(config.import.disableScheduledImport
      ? []
      : [
          createScheduleController({
            client,
            scheduled: () => deps.markedStreams('scheduled'),
            intervals: {
              interval: config.importInterval,
              shortestInterval: Math.min(config.importInterval, 60_000),
            },
            sweep: defaultSweepSettings,
            probe: async (probe, signal) =>
              probeReference(probe, {
                upstream: importer.upstream,
                sources: await importer.surroundings.sources(),
                keyring: (namespace) => importer.surroundings.keyring(namespace),
                signal,
              }),
            now: () => clock().getTime(),
            importsPerMinute: config.import.maxScheduledImageImportsPerMinute,
          }),
        ]),
    ...(config.garbageCollection.enabled ? [collectController(deps)] : []),
    createRoleAggregationController(client),
    createStreamQuotaController(client),
    createProjectAccessController(client),
    createTokenSecretController({ client, keys: identity.keys, caCert: deps.caCert }),
    createTokenSweepController({ client, now: clock }),
    createAccountSecretController({
      client,
      keys: identity.keys,
      issuer: identity.issuer,
      audiences,
      now: clock,
      newId: randomUUID,
      randomBytes,
      addresses: () => registryAddresses,
      tokenLifetime: accountTokenLifetime,
    }),
  ]
}

function collectController({ config, collector, log }: ControllerDeps): Controller {
  return createCollectController({
    settings: config.garbageCollection,
    log,
    async collect(signal) {
      const { actions: _actions, ...report } = await collector.collect({ signal })
      return report
    },
  })
}
