import { createHash } from 'node:crypto'
import type { OAuthAuthorizeToken } from '../api/oauth/index.ts'
import { oauthAccessTokens, oauthAuthorizeTokens } from '../api/oauth/index.ts'
import type { User } from '../api/user/index.ts'
import { users } from '../api/user/index.ts'
import { isApiError } from '../machinery/errors.ts'
import { findObject } from './find-object.ts'
import type { KnownClient } from './oauth-clients.ts'
import type { OAuthDeps } from './oauth-deps.ts'
import { codeLifetime, fullScope, OAuthError, tokenLifetime } from './oauth-deps.ts'
import { createOAuthToken, hashOAuthToken, isOAuthToken } from './oauth-token.ts'
import { isExpired } from './oauth-token-source.ts'
import { isSameSecret } from './secret-digest.ts'

/** Codes and tokens: made, stored by their hash, spent once (auth.md §3 e–g). */

export interface CodeRequest {
  client: KnownClient
  redirectURI: string
  state: string
  codeChallenge: string
  codeChallengeMethod: string
}

export async function issueCode(deps: OAuthDeps, user: User, request: CodeRequest): Promise<string> {
  const code = createOAuthToken(deps.randomBytes)
  const { client, redirectURI, state, codeChallenge, codeChallengeMethod } = request
  await deps.client.create(oauthAuthorizeTokens, '', {
    metadata: { name: hashOAuthToken(code) },
    clientName: client.name,
    expiresIn: codeLifetime,
    redirectURI,
    scopes: [fullScope],
    ...(state === '' ? {} : { state }),
    ...(codeChallenge === '' ? {} : { codeChallenge, codeChallengeMethod }),
    userName: user.metadata.name ?? '',
    userUID: user.metadata.uid ?? '',
  })
  return code
}

export interface TokenGrant {
  clientName: string
  redirectURI: string
  userName: string
  userUID: string
  /** Hash of the code that it was got for. */
  authorizeToken?: string
}

/** The token's text, which is stored nowhere. */
export async function issueToken(
  deps: Pick<OAuthDeps, 'client' | 'randomBytes'>,
  grant: TokenGrant,
  expiresIn = tokenLifetime,
): Promise<string> {
  const token = createOAuthToken(deps.randomBytes)
  await deps.client.create(oauthAccessTokens, '', {
    metadata: { name: hashOAuthToken(token) },
    ...grant,
    expiresIn,
    scopes: [fullScope],
  })
  return token
}

function isVerified(code: OAuthAuthorizeToken, verifier: string): boolean {
  const { codeChallenge = '', codeChallengeMethod = '' } = code
  // A verifier for a code that was asked for without a challenge: somebody took the challenge out (RFC 9700 §4.8.2).
  if (codeChallenge === '') return verifier === ''
  if (verifier === '') return false
  const given =
    codeChallengeMethod === 'S256' ? createHash('sha256').update(verifier).digest('base64url') : verifier
  return isSameSecret(given, codeChallenge)
}

const noGood = () => new OAuthError('invalid_grant', 'the code is invalid, expired or was used before')

/**
 * The token for a code, which is spent even when something else is wrong with the request. Rejects with OAuthError.
 */
export async function redeemCode(
  deps: OAuthDeps,
  code: string,
  request: { clientName: string; redirectURI: string; verifier: string },
): Promise<string> {
  const kind = oauthAuthorizeTokens
  const name = hashOAuthToken(code)
  const stored = isOAuthToken(code) ? await findObject(deps.client, kind, '', name) : undefined
  if (stored === undefined || stored.clientName !== request.clientName) throw noGood()
  try {
    const { uid } = stored.metadata
    await deps.client.delete(kind, '', name, uid === undefined ? {} : { preconditions: { uid } })
  } catch (error) {
    if (isApiError(error, 'NotFound') || isApiError(error, 'Conflict')) throw noGood()
    throw error
  }
  const { redirectURI = '', userName = '', userUID = '' } = stored
  const isGood =
    !isExpired(stored, deps.now()) &&
    request.redirectURI === redirectURI &&
    isVerified(stored, request.verifier)
  if (!isGood) throw noGood()
  const user = await findObject(deps.client, users, '', userName)
  if (user === undefined || user.metadata.uid !== userUID) throw noGood()
  return issueToken(deps, {
    clientName: request.clientName,
    redirectURI,
    userName,
    userUID,
    authorizeToken: name,
  })
}
