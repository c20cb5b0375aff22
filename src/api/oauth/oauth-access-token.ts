import { defineKind } from '../../machinery/kind.ts'
import { objectSchema } from '../../machinery/meta-schema.ts'
import { goString, int32, int64, list, omit, pointer, type Static } from '../../machinery/schema.ts'
import { plainHooks } from '../common/plain-hooks.ts'
import { tokenColumns, tokenErrors, tokenNameProblems } from './token.ts'

export const oauthAccessTokenSchema = objectSchema(
  'OAuthAccessToken',
  {
    authorizeToken: omit(goString()),
    clientName: omit(goString()),
    expiresIn: omit(int64()),
    inactivityTimeoutSeconds: pointer(int32()),
    redirectURI: omit(goString()),
    refreshToken: omit(goString()),
    scopes: omit(list(goString())),
    userName: omit(goString()),
    userUID: omit(goString()),
  },
  {
    schemaName: 'com.github.openshift.api.oauth.v1.OAuthAccessToken',
    description: 'A token that someone calls the API with. Its name is a hash of it.',
  },
)
export type OAuthAccessToken = Static<typeof oauthAccessTokenSchema>

export const oauthAccessTokens = defineKind<OAuthAccessToken>({
  group: 'oauth.openshift.io',
  version: 'v1',
  kind: 'OAuthAccessToken',
  plural: 'oauthaccesstokens',
  namespaced: false,
  storageVersionHash: 'Hss+eIbWaq4=',
  requiresResourceVersion: true,
  schema: oauthAccessTokenSchema,
  schemaName: 'com.github.openshift.api.oauth.v1.OAuthAccessToken',
  columns: tokenColumns<OAuthAccessToken>({ withUser: true }),
  fieldSelectors: {
    clientName: (token) => token.clientName ?? '',
    userName: (token) => token.userName ?? '',
    userUID: (token) => token.userUID ?? '',
    authorizeToken: (token) => token.authorizeToken ?? '',
  },
  hooks: plainHooks<OAuthAccessToken>({ validate: tokenErrors, validateName: tokenNameProblems }),
})
