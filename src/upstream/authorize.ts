import type { Zone } from './addresses.ts'
import type { RealmPolicy } from './choose-credential.ts'
import { planRealm, registryCredential } from './choose-credential.ts'
import type { Credential, Keyring } from './credentials.ts'
import type { Log } from './environment.ts'
import { changedError, isUpstreamError, UpstreamError } from './errors.ts'
import type { Registry } from './ping.ts'
import type { Repository } from './target.ts'
import type { TokenRequest, Tokens } from './tokens.ts'
import { basicAuthorization } from './tokens.ts'

/** What a request to a registry carries, by the challenges of its first answer (import.md §3.3). */
export interface Authorization {
  /** Value of the header; undefined: none. */
  header: string | undefined
  /** The credential that was used or exchanged for a token: for explanations. */
  credential: Credential | undefined
  /** Call when the registry refused it; true when another try may do better. */
  refused(): boolean
}

export interface AuthorizeParts {
  tokens: Tokens
  realms: RealmPolicy
  /** How far in the registry may send us. */
  reach(url: URL): Zone
  log: Log
}

const anonymous: Authorization = { header: undefined, credential: undefined, refused: () => false }

/** Basic wins where both are offered, as in the original. UpstreamError when there is nothing to log in with. */
export async function authorize(
  repository: Repository,
  registry: Registry,
  keyring: Keyring,
  signal: AbortSignal | undefined,
  parts: AuthorizeParts,
): Promise<Authorization> {
  const offers = (scheme: string) => registry.challenges.find((challenge) => challenge.scheme === scheme)
  const credential = registryCredential(keyring, repository, registry.url)
  if (offers('basic') !== undefined) return useBasic(credential)
  const bearer = offers('bearer')
  if (bearer === undefined) return anonymous
  if (credential !== undefined && credential.registryToken !== '') {
    return { header: `Bearer ${credential.registryToken}`, credential, refused: () => false }
  }
  const request = planToken(bearer.parameters, repository, registry, keyring, credential, signal, parts)
  const { secret } = request.credential ?? {}
  const token = await parts.tokens.get(request).catch((error: unknown) => {
    throw isUpstreamError(error) && secret !== undefined ? changedError(error, { secret }) : error
  })
  return {
    header: `Bearer ${token}`,
    credential: request.credential,
    refused: () => {
      parts.tokens.forget(request, token)
      return true
    },
  }
}

function useBasic(credential: Credential | undefined): Authorization {
  if (credential === undefined || credential.username === '' || credential.password === '') {
    throw new UpstreamError('unauthorized', 'no basic auth credentials')
  }
  return { header: basicAuthorization(credential), credential, refused: () => false }
}

function planToken(
  parameters: ReadonlyMap<string, string>,
  repository: Repository,
  registry: Registry,
  keyring: Keyring,
  credential: Credential | undefined,
  signal: AbortSignal | undefined,
  { realms, reach, log }: AuthorizeParts,
): TokenRequest {
  const text = parameters.get('realm') ?? ''
  if (!URL.canParse(text)) throw new UpstreamError('bad-answer', 'no token realm, or one that is no URL')
  const realm = new URL(text)
  realm.hash = ''
  const decision = planRealm(realm, registry, credential, keyring, realms)
  if (decision.kind === 'refuse') throw new UpstreamError('forbidden-target', `refused: ${decision.why}`)
  if (credential !== undefined && decision.credential === undefined) {
    // The remedy is a secret for the realm's host, as the documentation on delegated authentication says.
    log.warn(
      { registry: registry.url.host, realm: realm.host, secret: credential.secret },
      'credential withheld from token realm',
    )
  }
  return {
    realm,
    service: parameters.get('service') ?? '',
    scope: `repository:${repository.name}:pull`,
    credential: decision.credential,
    insecure: decision.insecure,
    reach: reach(registry.url),
    signal,
  }
}
