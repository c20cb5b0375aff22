import { clusterRoles } from '../api/index.ts'
import type { Client } from '../client/client.ts'
import { reconcileAggregation } from '../identity/index.ts'
import type { Controller } from './reconcile.ts'
import { settled } from './reconcile.ts'
import { keysOf } from './watch-source.ts'

/** Keeps the rules of aggregated cluster roles what the roles that they select say (auth.md U-60). */
export function createRoleAggregationController(client: Client): Controller {
  return {
    name: 'role-aggregation',
    concurrency: 1,
    // One key for all: each depends on any other.
    sources: [keysOf(client, clusterRoles, () => ['all'])],
    async reconcile() {
      await reconcileAggregation(client)
      return settled
    },
  }
}
