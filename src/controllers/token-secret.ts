import { secrets, serviceAccounts } from '../api/index.ts'
import type { Client } from '../client/client.ts'
import {
  accountNameAnnotation,
  reconcileTokenSecret,
  type TokenSecretDeps,
  tokenSecretType,
} from '../identity/index.ts'
import type { Controller, KeySource } from './reconcile.ts'
import { settled } from './reconcile.ts'
import { keyOf, keysOf, splitKey } from './watch-source.ts'

/** Fills the token secrets that users make for service accounts, and deletes those of accounts that are gone (auth.md U-13). */
export function createTokenSecretController(deps: TokenSecretDeps): Controller {
  const { client } = deps
  return {
    name: 'token-secret',
    concurrency: 2,
    sources: [
      keysOf(client, secrets, (secret) => (secret.type === tokenSecretType ? [keyOf(secret)] : [])),
      ofDeletedAccounts(client),
    ],
    async reconcile(key) {
      await reconcileTokenSecret(deps, ...splitKey(key))
      return settled
    },
  }
}

function ofDeletedAccounts(client: Client): KeySource {
  return async function* (signal) {
    for await (const event of client.watch(serviceAccounts, '', { signal })) {
      if (event.type === 'ERROR') throw new Error(event.object.message ?? 'the watch ended')
      if (event.type !== 'DELETED') continue
      const { namespace = '', name } = event.object.metadata
      const { items } = await client.list(secrets, namespace)
      const own = items.filter(({ metadata }) => metadata.annotations?.[accountNameAnnotation] === name)
      yield* own.map(keyOf)
    }
  }
}
