import { readFile } from 'node:fs/promises'
import type { FastifyBaseLogger } from 'fastify'
import { LRUCache } from 'lru-cache'
import type { BlobStore } from '../blobs/index.ts'
import {
  createBlobCopier,
  createImportEndpoint,
  createPullThrough,
  createSurroundings,
  openNodeKeyring,
  type PullObserver,
  type PullRefusal,
  type Surroundings,
  serverPlatform,
} from '../importer/index.ts'
import {
  type PullThrough,
  type RegistryError,
  type RepositoryRecords,
  registryError,
} from '../registry/index.ts'
import type { Endpoint } from '../resources/endpoint.ts'
import type { ImageEndpointDeps } from '../resources/image/index.ts'
import { createUpstream, type Keyring, type Upstream } from '../upstream/index.ts'
import type { Config } from './config.ts'
import { StartError } from './start-error.ts'

export interface OpenImporter extends AsyncDisposable {
  upstream: Upstream
  surroundings: Surroundings
  endpoint: Endpoint
  pullThrough: PullThrough
}

export interface ImporterParts {
  blobs: BlobStore
  records: RepositoryRecords
  log: FastifyBaseLogger
  onPull?: PullObserver
}

/** How many blobs of other registries are being kept at once. */
const copiesAtOnce = 16

/** Everything that talks to other registries: imports, and pulls of what is not here. */
export async function openImporter(
  config: Config,
  deps: ImageEndpointDeps,
  { blobs, records, log, onPull }: ImporterParts,
): Promise<OpenImporter> {
  const { addresses, realms, insecureRegistries, blockedRegistries, mirrors } = config.import
  const upstream = createUpstream({ log, extraCAs: await readCAs(config.importCAs), addresses, realms })
  const nodeKeyring = openNodeAuth(config, log)
  const surroundings = createSurroundings({
    client: deps.system,
    nodeKeyring,
    insecureRegistries,
    blockedRegistries,
    mirrors,
    log,
  })
  const endpoint = createImportEndpoint({
    ...deps,
    fetch: { upstream, layerSizes: new LRUCache({ max: 10_000 }), log },
    surroundings,
    nodeKeyring,
    platform: serverPlatform,
    maxImagesPerRepository: config.imagePolicy.maxImagesBulkImportedPerRepository,
  })
  const copier = createBlobCopier({
    blobs,
    most: copiesAtOnce,
    log,
    link: (repository, { digest, size }) =>
      records.linkBlob(repository, digest, { size, pulledAt: deps.clock().getTime() }),
  })
  const pullThrough = createPullThrough({
    upstream,
    keyring: (namespace) => surroundings.keyring(namespace),
    sources: () => surroundings.sources(),
    serverAddress: deps.settings.internalRegistry,
    refuse: toRegistryError,
    ...(onPull === undefined ? {} : { onPull }),
    copier,
    async keepManifest(repository, digest, { bytes, mediaType }) {
      await blobs.put(digest, bytes)
      await records.putManifest(repository, digest, {
        mediaType,
        size: bytes.length,
        pulledAt: deps.clock().getTime(),
      })
    },
    log,
  })
  return {
    upstream,
    surroundings,
    endpoint,
    pullThrough,
    async [Symbol.asyncDispose]() {
      await copier.settled()
      await upstream[Symbol.asyncDispose]?.()
    },
  }
}

/** registry.md B-52. */
function toRegistryError({ kind, message }: PullRefusal): RegistryError {
  return registryError(kind === 'manifest' ? 'OPENSHIFT_PULLTHROUGH_MANIFEST' : 'TOOMANYREQUESTS', {
    message,
  })
}

function openNodeAuth({ import: { nodeAuthFile } }: Config, log: FastifyBaseLogger): Keyring {
  try {
    return openNodeKeyring(nodeAuthFile, log)
  } catch (error) {
    throw new StartError(`cannot read import.nodeAuthFile: ${(error as Error).message}`)
  }
}

/** The PEM texts in the files; StartError where one is none. */
export async function readCAs(paths: readonly string[]): Promise<string[]> {
  return Promise.all(
    paths.map(async (path) => {
      try {
        const text = await readFile(path, 'utf8')
        if (text.includes('-----BEGIN CERTIFICATE-----')) return text
      } catch (error) {
        throw new StartError(`cannot read the CA file ${path}: ${(error as Error).message}`)
      }
      throw new StartError(`the CA file ${path} holds no certificate in PEM`)
    }),
  )
}
