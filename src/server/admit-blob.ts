import { LRUCache } from 'lru-cache'
import { limitRanges } from '../api/index.ts'
import type { Client } from '../client/client.ts'
import { type LimitRange, largestImage } from '../image/index.ts'

/** Milliseconds that a project's limits are remembered. */
const remembered = 60_000

/** No blob larger than the project's images may be (registry.md B-71). */
export function createBlobAdmission(client: Client): (namespace: string, size: number) => Promise<boolean> {
  const limits = new LRUCache<string, { most: number }>({ max: 5000, ttl: remembered })

  async function most(namespace: string): Promise<number> {
    const known = limits.get(namespace)
    if (known !== undefined) return known.most
    const { items } = await client.list(limitRanges, namespace)
    const found = largestImage(items as LimitRange[]) ?? Number.POSITIVE_INFINITY
    limits.set(namespace, { most: found })
    return found
  }

  return async (namespace, size) => size <= (await most(namespace))
}
