import type { Kind } from '../../machinery/kind.ts'
import { oauthAccessTokens } from './oauth-access-token.ts'
import { oauthAuthorizeTokens } from './oauth-authorize-token.ts'
import { oauthClients } from './oauth-client.ts'
import { oauthClientAuthorizations } from './oauth-client-authorization.ts'
import { userOAuthAccessTokens } from './user-oauth-access-token.ts'

export type { OAuthAccessToken } from './oauth-access-token.ts'
export { oauthAccessTokens } from './oauth-access-token.ts'
export type { OAuthAuthorizeToken } from './oauth-authorize-token.ts'
export { oauthAuthorizeTokens } from './oauth-authorize-token.ts'
export type { OAuthClient, ScopeRestriction } from './oauth-client.ts'
export { oauthClients } from './oauth-client.ts'
export type { OAuthClientAuthorization } from './oauth-client-authorization.ts'
export { oauthClientAuthorizations } from './oauth-client-authorization.ts'
export type { OAuthToken } from './token.ts'
export { hashedTokenPrefix, tokenColumns, tokenEnd, tokenErrors, tokenNameProblems } from './token.ts'
export type { UserOAuthAccessToken } from './user-oauth-access-token.ts'
export { userOAuthAccessTokenSchema, userOAuthAccessTokens } from './user-oauth-access-token.ts'

export const oauthKinds: readonly Kind[] = [
  oauthAccessTokens,
  oauthAuthorizeTokens,
  oauthClientAuthorizations,
  oauthClients,
  userOAuthAccessTokens,
]
