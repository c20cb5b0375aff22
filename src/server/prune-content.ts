import type { FastifyInstance } from 'fastify'
import type { PruneContent } from '../client/prune/index.ts'
import { askInside, onlyLinkHeader } from '../registry/index.ts'

/**
 * The registry as the pruner inside sees it: the routes that `adm prune images` uses, without a socket, so that both take
 * things away in one and the same way (pruning.md §6).
 */
export function createPruneContent(registry: FastifyInstance, token: string): PruneContent {
  const authorization = `Basic ${Buffer.from(`pruner:${token}`).toString('base64')}`
  const remove = async (url: string, gone: readonly number[], headers: Record<string, string> = {}) => {
    const status = await askInside(registry, {
      method: 'DELETE',
      url,
      headers: { authorization, ...headers },
    })
    if (status >= 300 && !gone.includes(status)) throw new Error(`the registry answers ${status}`)
  }
  return {
    unlinkLayer: (repository, digest) => remove(`/v2/${repository}/blobs/${digest}`, [404]),
    // 405: a tag names the image again.
    unlinkManifest: (repository, digest) =>
      remove(`/v2/${repository}/manifests/${digest}`, [404, 405], { [onlyLinkHeader]: 'true' }),
    deleteBlob: (digest) => remove(`/admin/blobs/${digest}`, [404]),
  }
}
