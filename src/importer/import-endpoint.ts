import type { Subject } from '../access/access.ts'
import type { ImageStreamImport } from '../api/image/index.ts'
import {
  canonicalImageStreamImport,
  imageGroup,
  imageResource,
  imageStreamImports,
} from '../api/image/index.ts'
import type { ServerPlatform } from '../image/index.ts'
import { checkImportVersion, importWhitelistError, planImport } from '../image/index.ts'
import { invalid } from '../machinery/errors.ts'
import { formatTime } from '../machinery/object.ts'
import { requireActiveNamespace } from '../resources/active-namespace.ts'
import { resourceAction } from '../resources/authorized.ts'
import type { CreateRequest, Endpoint } from '../resources/endpoint.ts'
import type { ImageEndpointDeps } from '../resources/image/deps.ts'
import { createStreamAccess } from '../resources/image/stream-access.ts'
import { requireNamespaceOf } from '../resources/object-writer.ts'
import { metaErrors } from '../resources/write-strategy.ts'
import type { Keyring } from '../upstream/index.ts'
import type { FetchDeps } from './fetch-image.ts'
import { runImport } from './run-import.ts'
import { storeImport } from './store-import.ts'
import type { Surroundings } from './surroundings.ts'
import type { RunContext, RunResult } from './types.ts'

export interface ImportEndpointDeps extends ImageEndpointDeps {
  fetch: Omit<FetchDeps, 'now'>
  surroundings: Surroundings
  /** Without any namespace's secrets: for the second pass (import.md §3.6). */
  nodeKeyring: Keyring
  /** What Legacy imports prefer. */
  platform: ServerPlatform
  /** < 0: all (image-api.md §2.4). */
  maxImagesPerRepository: number
}

const resource = imageResource('imagestreamimports')

/** How long one import may take (import.md §2.1): registries with many tags are slow. Milliseconds. */
const longest = 3_600_000

/** `imagestreamimports`: asks registries while the caller waits, and stores what was found (import.md §2). */
export function createImportEndpoint(deps: ImportEndpointDeps): Endpoint {
  const access = createStreamAccess(deps)
  return {
    kind: imageStreamImports,
    async create(request) {
      requireNamespaceOf(request.object, request.namespace)
      await requireActiveNamespace(request.namespace, resource, request.object.metadata.name ?? '', deps)
      const asked = readRequest(request, deps)
      await requireAllowedSources(asked, request.caller, deps)
      const { name = '' } = asked.metadata
      const found = await access.find(request.namespace, name)
      checkImportVersion(asked, found?.stream)
      const plan = planImport(asked, found?.stream, deps.platform)
      const result = await runImport(plan, await contextFor(request.namespace, deps), {
        ...deps.fetch,
        now: deps.clock,
      })
      const done = withResults(asked, result)
      return asked.spec.import ? storeImport(done, found, request, { ...deps, access }) : done
    },
  }
}

/** The request with defaults, a uid and the time of its arrival; what its status held is dropped. */
function readRequest({ object, namespace }: CreateRequest, deps: ImportEndpointDeps): ImageStreamImport {
  const sent = object as ImageStreamImport
  const {
    namespace: _namespace,
    deletionTimestamp: _deleted,
    selfLink: _link,
    managedFields: _managed,
    generation: _generation,
    ...kept
  } = sent.metadata
  const stamped: ImageStreamImport = {
    ...sent,
    kind: imageStreamImports.kind,
    apiVersion: `${imageGroup}/v1`,
    metadata: {
      ...kept,
      namespace,
      uid: deps.randomUuid(),
      creationTimestamp: formatTime(deps.clock()),
    },
    status: {},
  }
  const asked = canonicalImageStreamImport(stamped, deps.settings.defaultImportMode)
  const errors = [
    ...(imageStreamImports.hooks.validateCreate?.(asked) ?? []),
    ...metaErrors(imageStreamImports, asked),
  ]
  if (errors.length > 0) throw invalid(imageStreamImports, asked.metadata.name ?? '', errors)
  return asked
}

/** Who may create images anyway may take them from anywhere (image-api.md §8); the names are the original's. */
async function requireAllowedSources(
  asked: ImageStreamImport,
  caller: Subject,
  deps: ImportEndpointDeps,
): Promise<void> {
  const refused = importWhitelistError(asked, deps.settings.whitelist)
  if (refused === undefined) return
  for (const resource of ['images', 'imagestreammapping']) {
    const action = { verb: 'create', group: imageGroup, resource, subresource: '', namespace: '', name: '' }
    if ((await deps.authorize(caller, resourceAction(action))).allowed) return
  }
  throw refused
}

async function contextFor(namespace: string, deps: ImportEndpointDeps): Promise<RunContext> {
  const { surroundings, nodeKeyring, maxImagesPerRepository } = deps
  const [keyring, sources] = await Promise.all([surroundings.keyring(namespace), surroundings.sources()])
  const signal = AbortSignal.timeout(longest)
  return { sources, keyring, anonymous: nodeKeyring, maxImagesPerRepository, signal }
}

function withResults(asked: ImageStreamImport, { images, repository }: RunResult): ImageStreamImport {
  return {
    ...asked,
    status: {
      ...(repository === undefined ? {} : { repository }),
      ...(images.length === 0 ? {} : { images }),
    },
  }
}
