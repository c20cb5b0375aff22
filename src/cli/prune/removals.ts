import { text } from 'node:stream/consumers'
import type { Transport } from '../../client/index.ts'
import { createGathering } from './gather.ts'

/** What a pruner asks a registry to take away. */
export type Removal =
  | { kind: 'layer-link'; repository: string; digest: string }
  | { kind: 'manifest-link'; repository: string; digest: string }
  | { kind: 'blob'; digest: string }

/** Removals of one request. */
const most = 100
/** Requests at once. While both are under way, more removals gather. */
const atOnce = 2

/**
 * Removals at a registry; each resolves to its status. Where `gathers`, those that are asked for at a time go in one request, unless
 * the registry is one that does not know it; one alone goes as a request of its own.
 */
export function createRemovals(
  transport: Transport,
  authorization: string,
  gathers: boolean,
): { remove(removal: Removal): Promise<number> } {
  let isKnown = gathers

  async function removeOne(removal: Removal): Promise<number> {
    const onlyLink: Record<string, string> =
      removal.kind === 'manifest-link' ? { 'Weir-Only-Link': 'true' } : {}
    const response = await transport.send({
      method: 'DELETE',
      path: pathOf(removal),
      headers: { Authorization: authorization, ...onlyLink },
    })
    response.body.resume()
    return response.status
  }

  async function removeMany(removals: readonly Removal[]): Promise<number[]> {
    const [first] = removals
    if (removals.length === 1 && first !== undefined) return [await removeOne(first)]
    if (isKnown) {
      const response = await transport.send({
        method: 'POST',
        path: '/admin/removals',
        headers: { Authorization: authorization, 'Content-Type': 'application/json' },
        body: JSON.stringify({ removals }),
      })
      const { status } = response
      if (status === 200) return (JSON.parse(await text(response.body)) as { statuses: number[] }).statuses
      response.body.resume()
      if (![404, 405].includes(status)) return removals.map(() => status)
      isKnown = false
    }
    return Promise.all(removals.map(removeOne))
  }

  return { remove: gathers ? createGathering(removeMany, { most, atOnce }) : removeOne }
}

function pathOf(removal: Removal): string {
  switch (removal.kind) {
    case 'layer-link':
      return `/v2/${removal.repository}/blobs/${removal.digest}`
    case 'manifest-link':
      return `/v2/${removal.repository}/manifests/${removal.digest}`
    case 'blob':
      return `/admin/blobs/${removal.digest}`
  }
}
