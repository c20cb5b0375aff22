import { defineKind } from '../../machinery/kind.ts'
import { objectSchema } from '../../machinery/meta-schema.ts'
import { goString, int64, list, omit, type Static } from '../../machinery/schema.ts'
import { oneOf } from '../common/field-errors.ts'
import { plainHooks } from '../common/plain-hooks.ts'
import { tokenColumns, tokenErrors, tokenNameProblems } from './token.ts'

export const oauthAuthorizeTokenSchema = objectSchema(
  'OAuthAuthorizeToken',
  {
    clientName: omit(goString()),
    codeChallenge: omit(goString()),
    codeChallengeMethod: omit(goString()),
    expiresIn: omit(int64()),
    redirectURI: omit(goString()),
    scopes: omit(list(goString())),
    state: omit(goString()),
    userName: omit(goString()),
    userUID: omit(goString()),
  },
  {
    schemaName: 'com.github.openshift.api.oauth.v1.OAuthAuthorizeToken',
    description: 'A code that a client turns into an access token.',
  },
)
export type OAuthAuthorizeToken = Static<typeof oauthAuthorizeTokenSchema>

export const oauthAuthorizeTokens = defineKind<OAuthAuthorizeToken>({
  group: 'oauth.openshift.io',
  version: 'v1',
  kind: 'OAuthAuthorizeToken',
  plural: 'oauthauthorizetokens',
  namespaced: false,
  storageVersionHash: 'boIUgj6jo8I=',
  requiresResourceVersion: true,
  schema: oauthAuthorizeTokenSchema,
  schemaName: 'com.github.openshift.api.oauth.v1.OAuthAuthorizeToken',
  columns: tokenColumns<OAuthAuthorizeToken>({ withUser: true }),
  fieldSelectors: {
    clientName: (token) => token.clientName ?? '',
    userName: (token) => token.userName ?? '',
    userUID: (token) => token.userUID ?? '',
  },
  hooks: plainHooks<OAuthAuthorizeToken>({
    validate: (token) => [
      ...tokenErrors(token),
      ...oneOf('codeChallengeMethod', token.codeChallengeMethod, ['plain', 'S256']),
    ],
    validateName: tokenNameProblems,
  }),
})
