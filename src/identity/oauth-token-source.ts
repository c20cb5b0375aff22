import type { Subject } from '../access/access.ts'
import type { OAuthToken } from '../api/oauth/index.ts'
import { oauthAccessTokens } from '../api/oauth/index.ts'
import { users } from '../api/user/index.ts'
import type { Client } from '../client/client.ts'
import type { TokenSource } from './authenticator.ts'
import { findObject } from './find-object.ts'
import { fullScope } from './oauth-deps.ts'
import { hashOAuthToken, isOAuthToken } from './oauth-token.ts'
import { groupOAuth } from './subject.ts'

export interface OAuthTokenSourceDeps {
  client: Client
  /** Names of the Group objects that list the user. */
  groupsOf(userName: string): readonly string[] | Promise<readonly string[]>
  now(): Date
}

/** `expiresIn` seconds after it was made; 0 is never. An object without a time of making is no good. */
export function isExpired(token: OAuthToken, now: Date): boolean {
  const { expiresIn = 0 } = token
  if (expiresIn === 0) return false
  const made = Date.parse(token.metadata.creationTimestamp ?? '')
  return !(made + expiresIn * 1000 > now.getTime())
}

/**
 * OAuth access tokens, looked up afresh each time, so that a logout counts at once (U-12). The token's user must
 * still be the one that it was made for.
 */
export function createOAuthTokenSource(deps: OAuthTokenSourceDeps): TokenSource {
  const { client } = deps
  return {
    async authenticateToken(token): Promise<Subject | 'bad' | undefined> {
      if (!isOAuthToken(token)) return undefined
      const stored = await findObject(client, oauthAccessTokens, '', hashOAuthToken(token))
      if (stored === undefined || stored.metadata.deletionTimestamp !== undefined) return 'bad'
      if (isExpired(stored, deps.now())) return 'bad'
      const { userName = '', userUID = '', scopes = [] } = stored
      // Narrower scopes are not enforced here, so a token that has only such must not count for more (U-15).
      if (!scopes.includes(fullScope)) return 'bad'
      const user = await findObject(client, users, '', userName)
      if (user === undefined || user.metadata.uid === undefined || user.metadata.uid !== userUID) return 'bad'
      const groups = new Set([...(user.groups ?? []), ...(await deps.groupsOf(userName)), groupOAuth])
      return {
        name: userName,
        uid: userUID,
        groups: [...groups],
        extra: { 'scopes.authorization.openshift.io': scopes },
      }
    },
  }
}
