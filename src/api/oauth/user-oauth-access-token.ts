import { defineKind } from '../../machinery/kind.ts'
import { objectSchema } from '../../machinery/meta-schema.ts'
import { goString, int32, int64, list, omit, pointer, type Static } from '../../machinery/schema.ts'
import { tokenColumns } from './token.ts'

export const userOAuthAccessTokenSchema = objectSchema(
  'UserOAuthAccessToken',
  {
    clientName: omit(goString()),
    expiresIn: omit(int64()),
    scopes: omit(list(goString())),
    redirectURI: omit(goString()),
    userName: omit(goString()),
    userUID: omit(goString()),
    authorizeToken: omit(goString()),
    refreshToken: omit(goString()),
    inactivityTimeoutSeconds: pointer(int32()),
  },
  {
    schemaName: 'com.github.openshift.api.oauth.v1.UserOAuthAccessToken',
    description: "One of the caller's own access tokens.",
  },
)
export type UserOAuthAccessToken = Static<typeof userOAuthAccessTokenSchema>

/** A view of the caller's own access tokens. */
export const userOAuthAccessTokens = defineKind<UserOAuthAccessToken>({
  group: 'oauth.openshift.io',
  version: 'v1',
  kind: 'UserOAuthAccessToken',
  plural: 'useroauthaccesstokens',
  namespaced: false,
  verbs: ['delete', 'get', 'list', 'watch'],
  stored: false,
  schema: userOAuthAccessTokenSchema,
  schemaName: 'com.github.openshift.api.oauth.v1.UserOAuthAccessToken',
  columns: tokenColumns<UserOAuthAccessToken>({ withUser: false }),
  fieldSelectors: { clientName: (token) => token.clientName ?? '' },
})
