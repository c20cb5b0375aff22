import type { Secret, ServiceAccount } from '../api/core/index.ts'
import { secrets, serviceAccounts } from '../api/core/index.ts'
import type { Client } from '../client/client.ts'
import { signBoundToken } from './account-token.ts'
import type { TokenIssuer } from './account-token-request.ts'
import { findObject } from './find-object.ts'
import {
  fillAccountSecret,
  isAccountSecret,
  linkAccountSecret,
  newAccountSecret,
  planFill,
  randomSuffix,
  secretRef,
} from './plan-account-secret.ts'

export interface ReconcileAccountDeps extends TokenIssuer {
  client: Client
  /** See registryAddresses. */
  addresses(): readonly string[]
  /** Seconds that a token lives; a new one comes when 40 % are left. */
  tokenLifetime: number
  randomBytes(size: number): Uint8Array
}

/** Seconds after which the account should be looked at again; undefined: when it changes. */
export interface AccountVerdict {
  again: number | undefined
}

async function findSecret(deps: ReconcileAccountDeps, account: ServiceAccount): Promise<Secret | undefined> {
  const { namespace = '', annotations } = account.metadata
  const named = annotations?.[secretRef]
  const linked = named === undefined ? undefined : await findObject(deps.client, secrets, namespace, named)
  if (linked !== undefined && isAccountSecret(linked, account)) return linked
  // One may have been made, and the link to it lost.
  const { items } = await deps.client.list(secrets, namespace)
  return items.find((secret) => isAccountSecret(secret, account))
}

async function fill(deps: ReconcileAccountDeps, account: ServiceAccount, secret: Secret): Promise<Secret> {
  const { namespace = '', name = '', uid = '' } = account.metadata
  const issuedAt = deps.now()
  const token = await signBoundToken(deps.keys, deps.issuer, {
    namespace,
    serviceAccount: { name, uid },
    secret: { name: secret.metadata.name ?? '', uid: secret.metadata.uid ?? '' },
    audiences: deps.audiences,
    issuedAt,
    expiresAt: new Date(issuedAt.getTime() + deps.tokenLifetime * 1000),
    id: deps.newId(),
  })
  return deps.client.update(secrets, namespace, fillAccountSecret(secret, deps.addresses(), token))
}

/**
 * Makes, links and fills the pull secret of one service account (U-30 to U-33). Each step starts from what is
 * there, so it may be broken off anywhere and run again; a lost race rejects with Conflict or AlreadyExists, to be
 * tried again.
 */
export async function reconcileAccountSecret(
  deps: ReconcileAccountDeps,
  namespace: string,
  name: string,
): Promise<AccountVerdict> {
  const { client, keys } = deps
  const account = await findObject(client, serviceAccounts, namespace, name)
  if (account === undefined || account.metadata.deletionTimestamp !== undefined) return { again: undefined }
  const found = await findSecret(deps, account)
  const secret =
    found ??
    (await client.create(secrets, namespace, newAccountSecret(account, randomSuffix(deps.randomBytes))))
  const linked = linkAccountSecret(account, secret.metadata.name ?? '')
  if (linked !== account) await client.update(serviceAccounts, namespace, linked)
  const need = { addresses: deps.addresses(), kid: keys.current.kid, now: deps.now() }
  const plan = planFill(secret, need)
  if (plan.kind === 'settled') return { again: plan.seconds }
  const after = planFill(await fill(deps, account, secret), need)
  return { again: after.kind === 'settled' ? after.seconds : undefined }
}
