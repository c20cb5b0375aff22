import type { Subject } from '../access/access.ts'
import { type OAuthAccessToken, oauthAccessTokens, userOAuthAccessTokens } from '../api/index.ts'
import type { Client, WatchEvent } from '../client/client.ts'
import { notFound } from '../machinery/errors.ts'
import type { KubeObject } from '../machinery/object.ts'
import type { Endpoint } from '../resources/endpoint.ts'
import { withTypeMeta } from '../resources/object-codec.ts'

const kind = userOAuthAccessTokens

const isOwn = ({ userName, userUID }: OAuthAccessToken, { name, uid }: Subject) =>
  userName === name && uid !== undefined && userUID === uid

function show({ kind: _kind, apiVersion: _version, ...token }: KubeObject): KubeObject {
  return token as KubeObject
}

/** `useroauthaccesstokens`: the caller's own tokens, by their hashes. Others' do not exist here. */
export function createOwnTokenEndpoint(client: Client): Endpoint {
  async function requireOwn(caller: Subject, name: string): Promise<OAuthAccessToken> {
    const token = await client.get(oauthAccessTokens, '', name).catch(() => undefined)
    if (token !== undefined && isOwn(token, caller)) return token
    throw notFound({ group: kind.group, resource: kind.plural }, name)
  }

  return {
    kind,
    get: async ({ caller, name }) => withTypeMeta(kind, show(await requireOwn(caller, name))),
    async list({ caller, options }) {
      // A page would be cut by what others have: the answer is whole instead.
      const { limit: _limit, continue: _continue, ...selectors } = options
      const { metadata, items } = await client.list(oauthAccessTokens, '', selectors)
      return { metadata, items: items.filter((token) => isOwn(token, caller)).map(show) }
    },
    watch: async ({ caller, options }) => ownEvents(client.watch(oauthAccessTokens, '', options), caller),
    async delete({ caller, name, options }) {
      const { uid } = (await requireOwn(caller, name)).metadata
      const preconditions = { ...(uid === undefined ? {} : { uid }), ...options.preconditions }
      return client.delete(oauthAccessTokens, '', name, { ...options, preconditions })
    },
  }
}

async function* ownEvents(
  events: AsyncIterable<WatchEvent<OAuthAccessToken>>,
  caller: Subject,
): AsyncGenerator<WatchEvent> {
  for await (const event of events) {
    if (event.type === 'ERROR') yield event
    else if (event.type === 'BOOKMARK' || isOwn(event.object, caller)) {
      yield { type: event.type, object: withTypeMeta(kind, show(event.object)) }
    }
  }
}
