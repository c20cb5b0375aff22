import { oauthClients } from '../api/oauth/index.ts'
import type { Client } from '../client/client.ts'
import { findObject } from './find-object.ts'

/** Who may ask for tokens in a user's name. */
export interface KnownClient {
  name: string
  redirectURIs: readonly string[]
  /** Gets a Basic challenge instead of a login page. */
  respondsWithChallenges: boolean
  /** Empty: a public client, which proves itself by PKCE. */
  secrets: readonly string[]
  /** A native program, whose redirect goes to a port of its own choice on this machine (RFC 8252 §7.3). */
  isNative: boolean
}

const publicClient = { secrets: [], respondsWithChallenges: false, isNative: false }

/** The clients that are there without anybody's doing (auth.md §3). */
export function builtInClients(issuer: string): KnownClient[] {
  return [
    {
      ...publicClient,
      name: 'openshift-challenging-client',
      redirectURIs: [`${issuer}/oauth/token/implicit`],
      respondsWithChallenges: true,
    },
    { ...publicClient, name: 'openshift-browser-client', redirectURIs: [`${issuer}/oauth/token/display`] },
    {
      ...publicClient,
      name: 'openshift-cli-client',
      redirectURIs: ['http://127.0.0.1/callback', 'http://[::1]/callback', 'http://localhost/callback'],
      isNative: true,
    },
  ]
}

export interface FindClientDeps {
  client: Client
  builtIn: readonly KnownClient[]
}

/** A built-in client, or an OAuthClient object. Only such as need no page of consent are served. */
export async function findClient(deps: FindClientDeps, name: string): Promise<KnownClient | undefined> {
  const builtIn = deps.builtIn.find((client) => client.name === name)
  if (builtIn !== undefined || !/^[A-Za-z0-9][A-Za-z0-9:._-]*$/.test(name)) return builtIn
  const object = await findObject(deps.client, oauthClients, '', name)
  if (object === undefined || object.grantMethod === 'prompt' || object.grantMethod === 'deny')
    return undefined
  const secrets = [object.secret ?? '', ...(object.additionalSecrets ?? [])].filter((secret) => secret !== '')
  return {
    name,
    redirectURIs: object.redirectURIs ?? [],
    respondsWithChallenges: object.respondWithChallenges ?? false,
    secrets,
    isNative: false,
  }
}

/**
 * The address to redirect to: the one asked for when it is registered, to the letter, save the port of a native
 * client; the first registered when none is asked for; undefined when it may not be.
 */
export function redirectAddress(client: KnownClient, asked: string): string | undefined {
  if (asked === '') return client.redirectURIs[0]
  if (client.redirectURIs.includes(asked)) return asked
  return client.isNative && client.redirectURIs.includes(withoutPort(asked)) ? asked : undefined
}

function withoutPort(address: string): string {
  const [, start, rest] = /^(http:\/\/(?:127\.0\.0\.1|\[::1\]|localhost)):\d{1,5}(\/.*)$/.exec(address) ?? []
  return start === undefined || rest === undefined ? address : `${start}${rest}`
}
