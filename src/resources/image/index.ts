import type { Endpoint } from '../endpoint.ts'
import type { ImageEndpointDeps } from './deps.ts'
import { createHoldEndpoint } from './hold-endpoint.ts'
import { createImageStreamEndpoints } from './image-stream-endpoints.ts'
import { createImageTagEndpoint } from './image-tag-endpoints.ts'
import { createMappingEndpoint } from './mapping-endpoint.ts'
import { createRollbackEndpoint } from './rollback-endpoint.ts'
import { createSignatureEndpoint } from './signature-endpoint.ts'
import { createStreamAccess } from './stream-access.ts'
import { createStreamReadEndpoints } from './stream-read-endpoints.ts'
import { createStreamTagEndpoint } from './stream-tag-endpoints.ts'
import { createTagEventEndpoint } from './tag-history-endpoints.ts'

export type { ImageEndpointDeps } from './deps.ts'
export { settleStamps } from './record-stamps.ts'

/** Everything about images and tags that is more than a stored object. */
export function createImageEndpoints(deps: ImageEndpointDeps): Endpoint[] {
  const access = createStreamAccess(deps)
  return [
    ...createImageStreamEndpoints(deps),
    createStreamTagEndpoint(deps, access),
    createImageTagEndpoint(deps, access),
    ...createStreamReadEndpoints(deps, access),
    createMappingEndpoint(deps, access),
    createSignatureEndpoint(deps),
    createTagEventEndpoint(deps),
    createHoldEndpoint(deps, access),
    createRollbackEndpoint(deps, access),
  ]
}
export { markedStreams, type StreamMark } from './stream-marks.ts'
