import { type ImageStream, imageStreams } from '../../api/image/index.ts'
import { decorateStream } from '../../image/index.ts'
import type { KubeObject } from '../../machinery/object.ts'
import type { Endpoint } from '../endpoint.ts'
import { createStatusEndpoint, createStoredEndpoint } from '../stored-endpoint.ts'
import type { ImageEndpointDeps } from './deps.ts'
import { streamStrategy } from './stream-strategy.ts'

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
    createStoredEndpoint(imageStreams, deps, { strategy: streamStrategy('public', deps), decorate }),
    createStatusEndpoint(imageStreams, deps, streamStrategy('status', deps)),
  ]
}
