import { type ResourceQuota, resourceQuotas } from '../../api/core/index.ts'
import { type ImageStream, imageStreams } from '../../api/image/index.ts'
import { planStreamUse, type StreamQuota, streamQuotaNames } from '../../image/index.ts'
import { forbidden, isApiError } from '../../machinery/errors.ts'
import { scopePrefix } from '../keys.ts'
import type { WriteRequest } from '../write-strategy.ts'
import type { ImageEndpointDeps } from './deps.ts'

const maxAttempts = 20

/**
 * Counts a stream that is about to be made into every quota of its namespace that limits them, or refuses it with 403
 * (image-api.md §9). The quota's own revision keeps two who come at once from both taking the last place.
 */
export async function admitStream(
  stream: ImageStream,
  request: WriteRequest,
  deps: ImageEndpointDeps,
): Promise<void> {
  const { namespace } = request
  const { entries } = await deps.store.list(scopePrefix(resourceQuotas, namespace))
  for (const entry of entries) {
    const quota = deps.cache.decode(entry) as StreamQuota
    if (streamQuotaNames(quota).length > 0) await takeUse(quota, stream, request, deps)
  }
}

async function takeUse(
  first: StreamQuota,
  stream: ImageStream,
  request: WriteRequest,
  deps: ImageEndpointDeps,
): Promise<void> {
  const { namespace, resource, dryRun } = request
  const name = first.metadata.name ?? ''
  for (let attempt = 1, quota = first; ; attempt++) {
    const use = planStreamUse(quota, await countStreams(namespace, deps))
    if (use.kind === 'refused') throw forbidden(resource, requestedName(stream, resource.resource), use.why)
    if (dryRun) return
    try {
      const next = { ...quota, status: use.status } as ResourceQuota
      await deps.system.update(resourceQuotas, namespace, next, { subresource: 'status' })
      return
    } catch (error) {
      if (isApiError(error, 'NotFound')) return
      if (!isApiError(error, 'Conflict') || attempt === maxAttempts) throw error
    }
    quota = (await deps.system.get(resourceQuotas, namespace, name)) as StreamQuota
  }
}

async function countStreams(namespace: string, { store }: ImageEndpointDeps): Promise<number> {
  const { entries, remaining } = await store.list(scopePrefix(imageStreams, namespace), { limit: 1 })
  return entries.length + remaining
}

/** Tags that make their stream are refused by their own name. */
function requestedName({ metadata, spec }: ImageStream, resource: string): string {
  const name = metadata.name ?? ''
  if (resource !== 'imagestreamtags' && resource !== 'imagetags') return name
  return `${name}:${spec.tags?.[0]?.name ?? 'latest'}`
}
