import { planAggregation } from '../access/aggregate.ts'
import { clusterRoles } from '../api/rbac/index.ts'
import type { Client } from '../client/client.ts'

/**
 * Brings the rules of aggregated cluster roles up to date (U-60); to be run after any change of a cluster role. A
 * lost race rejects with Conflict, to be tried again.
 */
export async function reconcileAggregation(client: Client): Promise<void> {
  const { items } = await client.list(clusterRoles, '')
  for (const role of planAggregation(items)) await client.update(clusterRoles, '', role)
}
