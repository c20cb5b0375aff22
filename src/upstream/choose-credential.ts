import type { Credential, Keyring } from './credentials.ts'
import type { Repository } from './target.ts'
import { isHub } from './target.ts'

/** Which credential a request may carry (auth.md U-51..U-54, import.md §4.3, §4.4). Pure. */

/** How a registry was reached. */
export interface Endpoint {
  /** e.g. `https://quay.io/`, `http://127.0.0.1:5000/`. */
  url: URL
  /** The policy allows http and unverified certificates. */
  insecure: boolean
}

/** Realms on other hosts that may have a registry's own credential. */
export interface RealmPolicy {
  /** `any`: every https realm that a registry with a verified certificate names; `related`: only those that belong to it. */
  realms: 'related' | 'any'
  /** Registry's host name to those of its realms, beyond the well-known ones. */
  trusted: Readonly<Record<string, readonly string[]>>
}

export const defaultRealmPolicy: RealmPolicy = { realms: 'related', trusted: {} }

const wellKnownRealms: Readonly<Record<string, readonly string[]>> = {
  'registry-1.docker.io': ['auth.docker.io'],
  'registry.gitlab.com': ['gitlab.com'],
  'nvcr.io': ['authn.nvidia.com'],
}

/** For the registry itself. An http attempt on the default port wants a key with `:80` (U-53). */
export function registryCredential(
  keyring: Keyring,
  repository: Repository,
  endpoint: URL,
): Credential | undefined {
  const { registry, name } = repository
  if (isHub(registry)) return keyring.find(`docker.io/${name}`) ?? keyring.get('index.docker.io')
  const hasPort = registry.includes(':')
  if (endpoint.protocol === 'http:' && !hasPort) return keyring.find(`${registry}:80/${name}`)
  const canonical = endpoint.protocol === 'http:' ? ':80' : ':443'
  const bare = registry.endsWith(canonical) ? registry.slice(0, -canonical.length) : undefined
  return (
    keyring.find(`${registry}/${name}`) ?? (bare === undefined ? undefined : keyring.find(`${bare}/${name}`))
  )
}

export type RealmDecision =
  | { kind: 'ask'; credential: Credential | undefined; insecure: boolean }
  | { kind: 'refuse'; why: string }

/**
 * What a token realm gets. Its own credential if there is one; the registry's only where realm and registry belong
 * together, for a realm is named by whoever answered (threat 1); else nothing, as an anonymous token may still do.
 */
export function planRealm(
  realm: URL,
  endpoint: Endpoint,
  chosen: Credential | undefined,
  keyring: Keyring,
  policy: RealmPolicy,
): RealmDecision {
  const why = realmProblem(realm, endpoint)
  if (why !== undefined) return { kind: 'refuse', why }
  const isSameName = realm.hostname === endpoint.url.hostname
  const insecure = endpoint.insecure && isSameName
  const own = realm.host === endpoint.url.host ? undefined : realmCredential(keyring, realm)
  const isRelated = isSameName || (realm.protocol === 'https:' && isTrusted(realm.hostname, endpoint, policy))
  return { kind: 'ask', credential: own ?? (isRelated ? chosen : undefined), insecure }
}

function realmProblem(realm: URL, { insecure }: Endpoint): string | undefined {
  if (realm.username !== '' || realm.password !== '') return 'the token realm carries a user name'
  if (realm.protocol === 'https:') return undefined
  if (realm.protocol !== 'http:') return `the token realm has the scheme ${realm.protocol.slice(0, -1)}`
  return insecure ? undefined : 'the token realm is not https'
}

function realmCredential(keyring: Keyring, realm: URL): Credential | undefined {
  const authority = realm.protocol === 'http:' && realm.port === '' ? `${realm.hostname}:80` : realm.host
  const found = keyring.find(`${authority}${realm.pathname}`)
  if (found !== undefined || realm.host !== 'auth.docker.io') return found
  return keyring.get('index.docker.io') ?? keyring.get('docker.io')
}

function isTrusted(realm: string, endpoint: Endpoint, policy: RealmPolicy): boolean {
  const registry = endpoint.url.hostname
  const named = [...(wellKnownRealms[registry] ?? []), ...(policy.trusted[registry] ?? [])]
  if (named.includes(realm)) return true
  // Who answered for the registry is known only where its certificate was verified.
  const isVerified = endpoint.url.protocol === 'https:' && !endpoint.insecure
  return isVerified && (policy.realms === 'any' || isSameSite(realm, registry))
}

/** `registry.example.com` and `sso.example.com`; not two names under `com`, `co.uk` or the like, nor addresses. */
function isSameSite(realm: string, registry: string): boolean {
  if (/[\d:\]]$/.test(registry)) return false
  const labels = registry.split('.').slice(1)
  const isPublicSuffix =
    labels.length < 2 || (labels.length === 2 && /^[a-z]{2,3}\.[a-z]{2}$/.test(labels.join('.')))
  const site = labels.join('.')
  return !isPublicSuffix && (realm === site || realm.endsWith(`.${site}`))
}
