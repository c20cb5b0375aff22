import type { Client } from '../client/client.ts'
import { sweepExpiredTokens } from '../identity/index.ts'
import { oneKey } from './one-key.ts'
import type { Controller } from './reconcile.ts'

const hour = 3_600_000

/** Deletes OAuth codes and tokens that have run out, every hour. */
export function createTokenSweepController({ client, now }: { client: Client; now(): Date }): Controller {
  return {
    name: 'token-sweep',
    concurrency: 1,
    sources: [oneKey],
    async reconcile() {
      await sweepExpiredTokens(client, now())
      return { kind: 'again', after: hour, why: 'tokens run out all the time' }
    },
  }
}
