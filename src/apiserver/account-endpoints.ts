import { serviceAccounts, type TokenRequest, tokenRequestSchema, users } from '../api/index.ts'
import type { Client } from '../client/client.ts'
import { getSelfUser, requestAccountToken, type TokenRequestDeps } from '../identity/index.ts'
import { defineKind } from '../machinery/kind.ts'
import type { KubeObject } from '../machinery/object.ts'
import type { Endpoint } from '../resources/endpoint.ts'
import { withTypeMeta } from '../resources/object-codec.ts'

/** A body only: it has no path of its own. */
const tokenRequests = defineKind<TokenRequest>({
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'TokenRequest',
  plural: 'tokenrequests',
  namespaced: true,
  schema: tokenRequestSchema,
  schemaName: 'io.k8s.api.authentication.v1.TokenRequest',
  stored: false,
})

/** `users/~` and `serviceaccounts/<name>/token` (auth.md U-20, U-13). `users` is the endpoint of the stored kind. */
export function createAccountEndpoints(
  storedUsers: Endpoint,
  deps: TokenRequestDeps & { client: Client },
): Endpoint[] {
  return [
    {
      ...storedUsers,
      async get(request) {
        if (request.name !== '~') return (storedUsers.get as NonNullable<Endpoint['get']>)(request)
        return withTypeMeta(users, await getSelfUser(request.caller, deps.client))
      },
    },
    {
      kind: serviceAccounts,
      subresource: 'token',
      bodyKind: tokenRequests,
      async create({ object, namespace, name = '' }) {
        const answer = await requestAccountToken(object as TokenRequest, namespace, name, deps)
        return withTypeMeta(tokenRequests, answer as KubeObject)
      },
    },
  ]
}
