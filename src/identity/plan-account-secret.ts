import type { Secret } from '../api/core/secret.ts'
import type { ServiceAccount } from '../api/core/service-account.ts'
import { decodeDockercfg, dockercfgKey, dockercfgType, encodeDockercfg } from './dockercfg.ts'

/**
 * What to do about a service account's pull secret: decided here, done in reconcile-account.ts (auth.md U-30 to
 * U-33).
 */

export const secretRef = 'openshift.io/internal-registry-pull-secret-ref'
export const ofAccount = 'openshift.io/internal-registry-auth-token.service-account'
export const binding = 'openshift.io/internal-registry-auth-token.binding'

const nameLimit = 63
const suffixLength = 5

/** `<account>-dockercfg-<suffix>`, the account's part cut so that the whole is a name. */
export function dockercfgName(accountName: string, suffix: string): string {
  const rest = `-dockercfg-${suffix}`
  return `${accountName.slice(0, nameLimit - rest.length)}${rest}`
}

/** Five lower-case letters and digits; without vowels, so that no word comes of it. */
export function randomSuffix(randomBytes: (size: number) => Uint8Array): string {
  const alphabet = 'bcdfghjklmnpqrstvwxz2456789'
  return [...randomBytes(suffixLength)].map((byte) => alphabet[byte % alphabet.length]).join('')
}

export function isAccountSecret(secret: Secret, account: ServiceAccount): boolean {
  const { metadata, type } = secret
  return (
    type === dockercfgType &&
    metadata.deletionTimestamp === undefined &&
    metadata.annotations?.[ofAccount] === account.metadata.name &&
    (metadata.ownerReferences ?? []).some(({ uid }) => uid === account.metadata.uid)
  )
}

/** As it is before there is a token: an empty map, without the annotation that tells how the token is bound. */
export function newAccountSecret(account: ServiceAccount, suffix: string): Secret {
  const { name = '', namespace = '', uid = '' } = account.metadata
  return {
    metadata: {
      name: dockercfgName(name, suffix),
      namespace,
      annotations: { [ofAccount]: name },
      ownerReferences: [{ apiVersion: 'v1', kind: 'ServiceAccount', name, uid }],
    },
    type: dockercfgType,
    data: { [dockercfgKey]: encodeDockercfg([]) },
  }
}

const withName = <T extends { name?: string }>(list: readonly T[], name: string, old: string): T[] => [
  ...list.filter((entry) => entry.name !== old || old === name),
  ...(list.some((entry) => entry.name === name) ? [] : [{ name } as T]),
]

/**
 * The account with the secret in both lists and in the annotation, a secret that was there before taken out; itself
 * when it is so.
 */
export function linkAccountSecret(account: ServiceAccount, secretName: string): ServiceAccount {
  const { secrets = [], imagePullSecrets = [], metadata } = account
  const old = metadata.annotations?.[secretRef] ?? ''
  const has = (list: readonly { name?: string }[]) => list.some(({ name }) => name === secretName)
  if (old === secretName && has(secrets) && has(imagePullSecrets)) return account
  return {
    ...account,
    metadata: { ...metadata, annotations: { ...metadata.annotations, [secretRef]: secretName } },
    secrets: withName(secrets, secretName, old),
    imagePullSecrets: withName(imagePullSecrets, secretName, old),
  }
}

export interface TokenFacts {
  kid: string
  /** Seconds since 1970. */
  issuedAt: number
  expiresAt: number
}

/** Header and times of a token of ours, unchecked; undefined when it is none. */
export function readTokenFacts(token: string): TokenFacts | undefined {
  try {
    const [header, payload] = token
      .split('.')
      .slice(0, 2)
      .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as Record<string, unknown>)
    const { kid } = header ?? {}
    const { iat, exp } = payload ?? {}
    if (typeof kid !== 'string' || typeof iat !== 'number' || typeof exp !== 'number') return undefined
    return { kid, issuedAt: iat, expiresAt: exp }
  } catch {
    return undefined
  }
}

export interface FillNeed {
  addresses: readonly string[]
  /** Of the key that signs now. */
  kid: string
  now: Date
}

export type FillPlan =
  /** Nothing to do before so many seconds have passed. */
  { kind: 'settled'; seconds: number } | { kind: 'fill'; why: 'empty' | 'old' | 'addresses' | 'key' }

/** Of a token's life this much must be left. */
const lifeLeft = 0.4

/** Does the secret need a new token? (U-33.) */
export function planFill(secret: Secret, need: FillNeed): FillPlan {
  const content = decodeDockercfg(secret.data?.[dockercfgKey] ?? '')
  const facts = content?.token === undefined ? undefined : readTokenFacts(content.token)
  if (content === undefined || facts === undefined || secret.metadata.annotations?.[binding] !== 'bound') {
    return { kind: 'fill', why: 'empty' }
  }
  if (facts.kid !== need.kid) return { kind: 'fill', why: 'key' }
  const wanted = [...new Set(need.addresses)].sort()
  if (JSON.stringify(content.addresses) !== JSON.stringify(wanted)) return { kind: 'fill', why: 'addresses' }
  const due = facts.expiresAt - (facts.expiresAt - facts.issuedAt) * lifeLeft
  const seconds = Math.ceil(due - need.now.getTime() / 1000)
  return seconds <= 0 ? { kind: 'fill', why: 'old' } : { kind: 'settled', seconds }
}

export function fillAccountSecret(secret: Secret, addresses: readonly string[], token: string): Secret {
  const { metadata } = secret
  return {
    ...secret,
    metadata: { ...metadata, annotations: { ...metadata.annotations, [binding]: 'bound' } },
    data: { ...secret.data, [dockercfgKey]: encodeDockercfg(addresses, token) },
  }
}
