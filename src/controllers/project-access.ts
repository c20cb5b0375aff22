import type { ServiceAccount } from '../api/index.ts'
import { namespaces, roleBindings, secrets, serviceAccounts } from '../api/index.ts'
import type { Client } from '../client/client.ts'
import {
  accountAnnotation,
  type ReconcileAccountDeps,
  reconcileAccountSecret,
  reconcileNamespaceAccess,
} from '../identity/index.ts'
import { isApiError } from '../machinery/errors.ts'
import type { Controller } from './reconcile.ts'
import { settled } from './reconcile.ts'
import { keyOf, keysOf, splitKey } from './watch-source.ts'

/** Keeps the service accounts and role bindings that every project has (auth.md U-3, U-70). */
export function createProjectAccessController(client: Client): Controller {
  return {
    name: 'project-access',
    concurrency: 2,
    sources: [
      keysOf(client, namespaces),
      keysOf(client, serviceAccounts, ({ metadata }) => [metadata.namespace ?? '']),
      keysOf(client, roleBindings, ({ metadata }) => [metadata.namespace ?? '']),
    ],
    async reconcile(name) {
      try {
        const namespace = await client.get(namespaces, '', name)
        if (namespace.metadata.deletionTimestamp === undefined) await reconcileNamespaceAccess(client, name)
      } catch (error) {
        if (!isGone(error)) throw error
      }
      return settled
    },
  }
}

/** Keeps each service account's pull secret for our own registry (auth.md U-30 to U-33). */
export function createAccountSecretController(deps: ReconcileAccountDeps): Controller {
  return {
    name: 'account-secret',
    concurrency: 2,
    sources: [
      keysOf<ServiceAccount>(deps.client, serviceAccounts, (account) => [keyOf(account)]),
      // A secret that was deleted, or spoilt, is made again.
      keysOf(deps.client, secrets, ({ metadata }) => {
        const account = metadata.annotations?.[accountAnnotation]
        return account === undefined ? [] : [`${metadata.namespace}/${account}`]
      }),
    ],
    async reconcile(key) {
      const [namespace, name] = splitKey(key)
      try {
        const { again } = await reconcileAccountSecret(deps, namespace, name)
        return again === undefined
          ? settled
          : { kind: 'again', after: again * 1000, why: 'the token is to be renewed then' }
      } catch (error) {
        if (!isGone(error)) throw error
        return settled
      }
    },
  }
}

/** The namespace, or the object, went away meanwhile. */
function isGone(error: unknown): boolean {
  return (
    isApiError(error, 'NotFound') ||
    (isApiError(error, 'Forbidden') && /being terminated/.test(error.message))
  )
}
