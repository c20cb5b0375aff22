import { imageStreams, type ResourceQuota, resourceQuotas } from '../api/index.ts'
import type { Client } from '../client/client.ts'
import { streamQuotaNames, streamQuotaStatus } from '../image/index.ts'
import type { Controller } from './reconcile.ts'
import { settled } from './reconcile.ts'
import { changesSince, currentRevision, keysOf } from './watch-source.ts'

/** Keeps the status of quotas that limit streams true to what is there. The key is a namespace. */
export function createStreamQuotaController(client: Client): Controller {
  return {
    name: 'stream-quota',
    concurrency: 1,
    sources: [
      keysOf(client, resourceQuotas, ({ metadata }) => [metadata.namespace ?? '']),
      async function* (signal) {
        const place = await currentRevision(client, imageStreams)
        // What came and went before that place was perhaps not told.
        const { items } = await client.list(resourceQuotas, '')
        for (const { metadata } of items) yield metadata.namespace ?? ''
        for await (const { type, object } of changesSince(client, imageStreams, place, signal)) {
          if (type !== 'MODIFIED') yield object.metadata.namespace ?? ''
        }
      },
    ],
    async reconcile(namespace) {
      const quotas = (await client.list(resourceQuotas, namespace)).items.filter(
        (quota) => streamQuotaNames(quota).length > 0,
      )
      if (quotas.length === 0) return settled
      const { items, metadata } = await client.list(imageStreams, namespace, { limit: 1 })
      const count = items.length + (metadata.remainingItemCount ?? 0)
      for (const quota of quotas) {
        const next = { ...quota, status: streamQuotaStatus(quota, count) } as ResourceQuota
        await client.update(resourceQuotas, namespace, next, { subresource: 'status' })
      }
      return settled
    },
  }
}
