import type { Secret, ServiceAccount } from '../api/core/index.ts'
import { secrets, serviceAccounts } from '../api/core/index.ts'
import type { Client } from '../client/client.ts'
import { signLegacyToken } from './account-token.ts'
import { findObject } from './find-object.ts'
import type { SigningKeys } from './signing-keys.ts'

/**
 * Secrets of type `kubernetes.io/service-account-token`, made by users, filled by us (U-13 legacy; Kubernetes
 * "Secret types").
 */

export const tokenSecretType = 'kubernetes.io/service-account-token'
export const accountNameAnnotation = 'kubernetes.io/service-account.name'
export const accountUidAnnotation = 'kubernetes.io/service-account.uid'

const encode = (text: string) => Buffer.from(text).toString('base64')

export type TokenSecretPlan = 'settled' | 'fill' | 'delete'

/** A secret for an account that is gone, or is another by the same name, goes too. `caCert` in PEM. */
export function planTokenSecret(
  secret: Secret,
  account: ServiceAccount | undefined,
  caCert: string,
): TokenSecretPlan {
  if (secret.type !== tokenSecretType || secret.metadata.deletionTimestamp !== undefined) return 'settled'
  const uid = secret.metadata.annotations?.[accountUidAnnotation] ?? ''
  if (account === undefined || (uid !== '' && uid !== account.metadata.uid)) return 'delete'
  const { token, namespace, 'ca.crt': ca } = secret.data ?? {}
  const isFull = token !== undefined && token !== '' && namespace !== undefined && ca === encode(caCert)
  return uid !== '' && isFull ? 'settled' : 'fill'
}

export interface TokenSecretDeps {
  client: Client
  keys: SigningKeys
  /** PEM of the CA that signed the API server's certificate. */
  caCert: string
}

export async function reconcileTokenSecret(
  deps: TokenSecretDeps,
  namespace: string,
  name: string,
): Promise<void> {
  const { client, keys } = deps
  const secret = await findObject(client, secrets, namespace, name)
  if (secret === undefined || secret.type !== tokenSecretType) return
  const accountName = secret.metadata.annotations?.[accountNameAnnotation] ?? ''
  const account =
    accountName === '' ? undefined : await findObject(client, serviceAccounts, namespace, accountName)
  const plan = planTokenSecret(secret, account, deps.caCert)
  if (plan === 'settled') return
  if (plan === 'delete' || account === undefined) {
    await client.delete(secrets, namespace, name)
    return
  }
  const uid = account.metadata.uid ?? ''
  const token = await signLegacyToken(keys, {
    namespace,
    serviceAccount: { name: accountName, uid },
    secretName: name,
  })
  const { metadata } = secret
  await client.update(secrets, namespace, {
    ...secret,
    metadata: { ...metadata, annotations: { ...metadata.annotations, [accountUidAnnotation]: uid } },
    data: {
      ...secret.data,
      token: encode(token),
      namespace: encode(namespace),
      'ca.crt': encode(deps.caCert),
    },
  })
}
