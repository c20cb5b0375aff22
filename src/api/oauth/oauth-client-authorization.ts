import type { FieldError } from '../../machinery/errors.ts'
import { defineKind } from '../../machinery/kind.ts'
import { objectSchema } from '../../machinery/meta-schema.ts'
import { goString, list, omit, type Static } from '../../machinery/schema.ts'
import { nameColumn } from '../../machinery/table.ts'
import { textColumn } from '../common/columns.ts'
import { immutable, invalidValue, required } from '../common/field-errors.ts'
import { plainHooks } from '../common/plain-hooks.ts'

export const oauthClientAuthorizationSchema = objectSchema(
  'OAuthClientAuthorization',
  {
    clientName: omit(goString()),
    scopes: omit(list(goString())),
    userName: omit(goString()),
    userUID: omit(goString()),
  },
  {
    schemaName: 'com.github.openshift.api.oauth.v1.OAuthClientAuthorization',
    description: 'Scopes that a user has granted to a client.',
  },
)
export type OAuthClientAuthorization = Static<typeof oauthClientAuthorizationSchema>

function validate(authorization: OAuthClientAuthorization): FieldError[] {
  const { metadata, clientName = '', userName = '' } = authorization
  const missing = (['clientName', 'userName', 'userUID'] as const).filter((key) => !authorization[key])
  const expected = `${userName}:${clientName}`
  return [
    ...missing.map((key) => required(key)),
    ...(missing.length === 0 && metadata.name !== expected
      ? [invalidValue('metadata.name', metadata.name, 'must be in the format <userName>:<clientName>')]
      : []),
  ]
}

/** Which scopes a user has granted to a client. */
export const oauthClientAuthorizations = defineKind<OAuthClientAuthorization>({
  group: 'oauth.openshift.io',
  version: 'v1',
  kind: 'OAuthClientAuthorization',
  plural: 'oauthclientauthorizations',
  namespaced: false,
  storageVersionHash: 'Q0jsEj2AFkk=',
  requiresResourceVersion: true,
  schema: oauthClientAuthorizationSchema,
  schemaName: 'com.github.openshift.api.oauth.v1.OAuthClientAuthorization',
  columns: [
    nameColumn,
    textColumn('User Name', 'Who granted.', (authorization) => authorization.userName ?? ''),
    textColumn('Client Name', 'To which client.', (authorization) => authorization.clientName ?? ''),
    textColumn('Scopes', 'What it may do.', (authorization) => (authorization.scopes ?? []).join(',')),
  ],
  fieldSelectors: {
    clientName: (authorization) => authorization.clientName ?? '',
    userName: (authorization) => authorization.userName ?? '',
    userUID: (authorization) => authorization.userUID ?? '',
  },
  hooks: plainHooks<OAuthClientAuthorization>({
    validate,
    validateChange: (next, old) => [
      ...immutable('clientName', next.clientName, old.clientName),
      ...immutable('userName', next.userName, old.userName),
      ...immutable('userUID', next.userUID, old.userUID),
    ],
    validateName: (name) => (name.includes('/') ? ["may not contain '/'"] : []),
  }),
})
