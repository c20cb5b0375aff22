import type { Client } from '../client/client.ts'
import { isApiError } from '../machinery/errors.ts'
import type { Kind } from '../machinery/kind.ts'
import type { KubeObject } from '../machinery/object.ts'
import type { Controller } from './reconcile.ts'
import { settled } from './reconcile.ts'
import { keysOf } from './watch-source.ts'

interface NamespaceObject extends KubeObject {
  spec?: { finalizers?: string[] }
}

/** Empties namespaces that are Terminating, then ends them. */
export function createNamespaceController(deps: {
  client: Client
  namespaces: Kind<NamespaceObject>
  /** Every stored namespaced kind. */
  kinds: readonly Kind[]
}): Controller {
  const { client, namespaces } = deps
  return {
    name: 'namespace',
    concurrency: 2,
    sources: [keysOf(client, namespaces)],
    async reconcile(name) {
      const namespace = await client.get(namespaces, '', name).catch(ignoreNotFound)
      if (namespace?.metadata.deletionTimestamp === undefined) return settled
      let left = 0
      for (const kind of deps.kinds) {
        await client.deleteCollection(kind, name, {}, { propagationPolicy: 'Background' })
        left += (await client.list(kind, name, { limit: 1 })).items.length
      }
      if (left > 0) return { kind: 'again', after: 1000, why: 'objects with finalizers remain' }
      const finalizers = (namespace.spec?.finalizers ?? []).filter((each) => each !== 'kubernetes')
      await client
        .update(
          namespaces,
          '',
          { ...namespace, spec: { ...namespace.spec, finalizers } },
          { subresource: 'finalize' },
        )
        .catch(ignoreNotFound)
      return settled
    },
  }
}

function ignoreNotFound(error: unknown): undefined {
  if (!isApiError(error, 'NotFound')) throw error
}
