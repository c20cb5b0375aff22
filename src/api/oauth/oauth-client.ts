import type { FieldError } from '../../machinery/errors.ts'
import { defineKind } from '../../machinery/kind.ts'
import { objectSchema } from '../../machinery/meta-schema.ts'
import { pathSegmentProblems } from '../../machinery/names.ts'
import { always, goBool, goString, int32, list, omit, pointer, type Static } from '../../machinery/schema.ts'
import { nameColumn } from '../../machinery/table.ts'
import { textColumn } from '../common/columns.ts'
import { invalidValue, nonNegative, oneOf, required } from '../common/field-errors.ts'
import { plainHooks } from '../common/plain-hooks.ts'
import { structIn } from '../common/struct-in.ts'

const struct = structIn('com.github.openshift.api.oauth.v1')

export const clusterRoleScopeRestrictionSchema = struct('ClusterRoleScopeRestriction', {
  allowEscalation: always(goBool()),
  namespaces: always(list(goString())),
  roleNames: always(list(goString())),
})

export const scopeRestrictionSchema = struct('ScopeRestriction', {
  clusterRole: pointer(clusterRoleScopeRestrictionSchema),
  literals: omit(list(goString())),
})
export type ScopeRestriction = Static<typeof scopeRestrictionSchema>

export const oauthClientSchema = objectSchema(
  'OAuthClient',
  {
    accessTokenInactivityTimeoutSeconds: pointer(int32()),
    accessTokenMaxAgeSeconds: pointer(int32()),
    additionalSecrets: omit(list(goString())),
    grantMethod: omit(goString({ description: 'Whether users are asked: auto or prompt.' })),
    redirectURIs: omit(list(goString(), { description: 'Where it may send users back to.' })),
    respondWithChallenges: omit(goBool()),
    scopeRestrictions: omit(list(scopeRestrictionSchema)),
    secret: omit(goString()),
  },
  {
    schemaName: 'com.github.openshift.api.oauth.v1.OAuthClient',
    description: 'A program that may ask for tokens.',
  },
)
export type OAuthClient = Static<typeof oauthClientSchema>

/** The least that tokens may live unused, in seconds; 0 is for ever. */
const minInactivitySeconds = 300

function validate(client: OAuthClient): FieldError[] {
  const inactivity = client.accessTokenInactivityTimeoutSeconds
  return [
    ...(client.redirectURIs ?? []).flatMap((uri, index) =>
      URL.canParse(uri) ? [] : [invalidValue(`redirectURIs[${index}]`, uri, 'must be an absolute URL')],
    ),
    ...oneOf('grantMethod', client.grantMethod, ['auto', 'prompt']),
    ...(client.scopeRestrictions ?? []).flatMap(({ literals, clusterRole }, index) =>
      (literals ?? []).length === 0 && clusterRole === undefined
        ? [required(`scopeRestrictions[${index}]`, 'exactly one of literals and clusterRole is required')]
        : [],
    ),
    ...nonNegative('accessTokenMaxAgeSeconds', client.accessTokenMaxAgeSeconds),
    ...(inactivity !== undefined && inactivity !== 0 && inactivity < minInactivitySeconds
      ? [
          invalidValue(
            'accessTokenInactivityTimeoutSeconds',
            inactivity,
            `The minimum valid timeout value is ${minInactivitySeconds} seconds`,
          ),
        ]
      : []),
  ]
}

export const oauthClients = defineKind<OAuthClient>({
  group: 'oauth.openshift.io',
  version: 'v1',
  kind: 'OAuthClient',
  plural: 'oauthclients',
  namespaced: false,
  storageVersionHash: '8NZGiGeCmFo=',
  requiresResourceVersion: true,
  schema: oauthClientSchema,
  schemaName: 'com.github.openshift.api.oauth.v1.OAuthClient',
  columns: [
    nameColumn,
    textColumn('Secret', 'What the client proves itself with.', (client) => client.secret ?? ''),
    {
      ...textColumn<OAuthClient>(
        'WWW-Challenge',
        'Whether it may ask by challenge.',
        (c) => c.respondWithChallenges ?? false,
      ),
      type: 'boolean',
    },
    textColumn('Token-Max-Age', 'How long its tokens live.', ({ accessTokenMaxAgeSeconds: seconds }) => {
      if (seconds === undefined) return 'default'
      return seconds === 0 ? 'unexpiring' : `${seconds}s`
    }),
    textColumn('Redirect URIs', 'Where it may send users back to.', (client) =>
      (client.redirectURIs ?? []).join(','),
    ),
  ],
  hooks: plainHooks<OAuthClient>({ validate, validateName: pathSegmentProblems }),
})
