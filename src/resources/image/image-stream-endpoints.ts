import { type ImageStream, imageStreams } from '../../api/image/index.ts'
import { decorateStream, type RegistryHosts } from '../../image/index.ts'
import type { KubeObject } from '../../machinery/object.ts'
import type { Endpoint } from '../endpoint.ts'
import { kindPrefix } from '../keys.ts'
import { createStatusEndpoint, createStoredEndpoint } from '../stored-endpoint.ts'
import type { ImageEndpointDeps } from './deps.ts'
import { streamStrategy } from './stream-strategy.ts'

const prefix = kindPrefix(imageStreams)

/** The start of a status that names these repositories, as it is stored. */
function repositoriesOf(path: string, { internalRegistry, externalRegistries }: RegistryHosts): string {
  const [external = ''] = externalRegistries
  const inside = `"dockerImageRepository":"${internalRegistry}/${path}"`
  return external === '' ? inside : `${inside},"publicDockerImageRepository":"${external}/${path}"`
}

/**
 * Whether the stored stream names these very repositories. A quote inside of a JSON string has a backslash before it, so what is
 * found is a status, and a stream has one.
 */
function hasRepositories(value: Uint8Array, repositories: string): boolean {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  const start = `,"status":{${repositories}`
  const at = bytes.indexOf(start)
  if (at === -1) return false
  const after = bytes.toString('latin1', at + Buffer.byteLength(start), at + Buffer.byteLength(start) + 8)
  return after.startsWith('}') || after.startsWith(',"tags":')
}

/** `imagestreams` and `imagestreams/status` (image-api.md §6). */
export function createImageStreamEndpoints(deps: ImageEndpointDeps): Endpoint[] {
  const decorated = new WeakMap<KubeObject, KubeObject>()
  /** Repository fields are computed at every read of the resource, not of its status (image-api.md §6.4). */
  const decorate = (object: KubeObject) => {
    const known = decorated.get(object)
    if (known !== undefined) return known
    const made = decorateStream(object as ImageStream, deps.settings)
    decorated.set(object, made)
    return made
  }
  return [
    createStoredEndpoint(imageStreams, deps, {
      strategy: streamStrategy('public', deps),
      decorate,
      isShownAsStored: ({ key, value }) =>
        hasRepositories(value, repositoriesOf(key.slice(prefix.length), deps.settings)),
    }),
    createStatusEndpoint(imageStreams, deps, streamStrategy('status', deps)),
  ]
}
