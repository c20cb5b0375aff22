import { LRUCache } from 'lru-cache'
import type { Subject } from '../access/access.ts'
import { serviceAccountName } from '../access/policy.ts'
import { pods, secrets, serviceAccounts } from '../api/core/index.ts'
import type { Client } from '../client/client.ts'
import type { Kind } from '../machinery/kind.ts'
import type { KubeObject } from '../machinery/object.ts'
import type { AccountClaims, BoundObject } from './account-token.ts'
import { legacyIssuer, unverifiedIssuer, verifyAccountToken } from './account-token.ts'
import type { TokenSource } from './authenticator.ts'
import { findObject } from './find-object.ts'
import { isSameSecret, sha256 } from './secret-digest.ts'
import type { SigningKeys } from './signing-keys.ts'

export interface AccountTokenSourceDeps {
  client: Client
  keys: SigningKeys
  issuer: string
  /** A token must be meant for one of these. */
  audiences: readonly string[]
  now(): Date
}

export const serviceAccountGroups = (namespace: string): string[] => [
  'system:serviceaccounts',
  `system:serviceaccounts:${namespace}`,
]

function toSubject(claims: AccountClaims): Subject {
  const { namespace, serviceAccount, pod, id } = claims
  const extra: Record<string, string[]> = {
    ...(id === undefined ? {} : { 'authentication.kubernetes.io/credential-id': [`JTI=${id}`] }),
    ...(pod === undefined
      ? {}
      : {
          'authentication.kubernetes.io/pod-name': [pod.name],
          'authentication.kubernetes.io/pod-uid': [pod.uid],
        }),
  }
  return {
    name: serviceAccountName(namespace, serviceAccount.name),
    uid: serviceAccount.uid,
    groups: serviceAccountGroups(namespace),
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  }
}

const isLive = (object: KubeObject | undefined, uid: string) =>
  object !== undefined && object.metadata.uid === uid && object.metadata.deletionTimestamp === undefined

/** So many tokens whose signature was found good need not be verified again. */
const remembered = 2000

/**
 * Tokens that we signed; they count as long as account, and secret or pod that they are bound to, are there and the
 * same (U-13).
 */
export function createAccountTokenSource(deps: AccountTokenSourceDeps): TokenSource {
  const { client, keys, issuer } = deps
  const verified = new LRUCache<string, AccountClaims>({ max: remembered })

  const verify = async (token: string, audiences: readonly string[]) => {
    const now = deps.now()
    const mark = sha256(JSON.stringify([token, audiences])).toString('base64')
    const known = verified.get(mark)
    if (known !== undefined && (known.expiresAt === undefined || known.expiresAt > now)) return known
    const claims = await verifyAccountToken(keys, token, { issuer, audiences, now })
    if (claims !== undefined) verified.set(mark, claims)
    return claims
  }

  const isThere = async <T extends KubeObject>(
    kind: Kind<T>,
    namespace: string,
    bound: BoundObject | undefined,
  ) => bound === undefined || isLive(await findObject(client, kind, namespace, bound.name), bound.uid)

  const isLegacyLive = async (claims: AccountClaims, token: string) => {
    const { namespace, legacySecretName } = claims
    if (legacySecretName === undefined) return true
    const secret = await findObject(client, secrets, namespace, legacySecretName)
    if (secret === undefined || secret.metadata.deletionTimestamp !== undefined) return false
    return isSameSecret(Buffer.from(secret.data?.token ?? '', 'base64').toString('utf8'), token)
  }

  return {
    async authenticateToken(token, audiences = deps.audiences) {
      const claimed = unverifiedIssuer(token)
      if (claimed !== issuer && claimed !== legacyIssuer) return undefined
      const claims = await verify(token, audiences)
      if (claims === undefined) return 'bad'
      const { namespace, serviceAccount, secret, pod } = claims
      const isGood =
        (await isThere(serviceAccounts, namespace, serviceAccount)) &&
        (await isThere(secrets, namespace, secret)) &&
        (await isThere(pods, namespace, pod)) &&
        (await isLegacyLive(claims, token))
      return isGood ? toSubject(claims) : 'bad'
    },
  }
}
