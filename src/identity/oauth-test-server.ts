import { createHash, randomBytes } from 'node:crypto'
import { createAttemptLimiter } from './attempt-limiter.ts'
import type { WebRequest, WebResponse } from './http-message.ts'
import type { IdentityProvider } from './identity-provider.ts'
import { builtInClients } from './oauth-clients.ts'
import { createOAuthServer } from './oauth-server.ts'
import { createOAuthTokenSource } from './oauth-token-source.ts'
import { createTestClient } from './test-client.ts'

/**
 * For tests: the OAuth server with the users `alice` (password `wonder`) and `bob` (`builder`), and a clock that
 * one can turn.
 */

export const issuer = 'https://weir.test:8443'

export const localUsers: IdentityProvider = {
  type: 'password',
  name: 'local',
  check: async (name, password) =>
    (name === 'alice' && password === 'wonder') || (name === 'bob' && password === 'builder'),
}

export function openOAuthTestServer(providers: readonly IdentityProvider[] = [localUsers]) {
  let time = new Date('2026-03-01T12:00:00Z')
  const now = () => time
  const client = createTestClient(now)
  const handle = createOAuthServer({
    client,
    issuer,
    apiServer: issuer,
    providers,
    builtIn: builtInClients(issuer),
    limiter: createAttemptLimiter(now),
    sessionSecret: new Uint8Array(32).fill(7),
    now,
    randomBytes: (size) => randomBytes(size),
  })
  const tokens = createOAuthTokenSource({ client, groupsOf: () => ['team'], now })

  const ask = async (
    method: 'GET' | 'POST',
    address: string,
    options: { headers?: Record<string, string>; form?: Record<string, string>; remoteAddress?: string } = {},
  ): Promise<WebResponse> => {
    const url = new URL(address, issuer)
    const request: WebRequest = {
      method,
      path: url.pathname,
      query: url.searchParams,
      headers: options.headers ?? {},
      form: new URLSearchParams(options.form ?? {}),
      remoteAddress: options.remoteAddress ?? '192.0.2.1',
    }
    const answer = await handle(request)
    if (answer === undefined) throw new Error(`nothing answers ${address}`)
    return answer
  }

  return {
    client,
    tokens,
    handle,
    get: (address: string, headers: Record<string, string> = {}) => ask('GET', address, { headers }),
    post: (address: string, form: Record<string, string>, headers: Record<string, string> = {}) =>
      ask('POST', address, { form, headers }),
    ask,
    pass(seconds: number) {
      time = new Date(time.getTime() + seconds * 1000)
    },
  }
}

export type OAuthTestServer = ReturnType<typeof openOAuthTestServer>

export const basic = (user: string, password: string) =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

export const locationOf = (answer: WebResponse) => new URL(String(answer.headers.location), issuer)

/** `name=value` of the cookies that an answer sets, as a browser would send them back. */
export function cookiesOf(...answers: WebResponse[]): string {
  const jar = new Map<string, string>()
  for (const { headers } of answers) {
    for (const cookie of [headers['set-cookie'] ?? []].flat()) {
      const [pair = ''] = cookie.split(';')
      jar.set(pair.slice(0, pair.indexOf('=')), pair)
    }
  }
  return [...jar.values()].join('; ')
}

/** The value of a hidden field of a page. */
export function fieldOf(answer: WebResponse, name: string): string {
  return new RegExp(`name="${name}" value="([^"]*)"`).exec(answer.body)?.[1]?.replaceAll('&amp;', '&') ?? ''
}

// The requests of `oc login` ----------------------------------------------------------------------------------------

export const verifier = 'v'.repeat(43)
export const challenge = createHash('sha256').update(verifier).digest('base64url')
export const redirectURI = `${issuer}/oauth/token/implicit`
export const client_id = 'openshift-challenging-client'

export function authorizeAddress(parameters: Record<string, string> = {}): string {
  return `/oauth/authorize?${new URLSearchParams({
    client_id,
    redirect_uri: redirectURI,
    response_type: 'code',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...parameters,
  })}`
}

export const asAlice = { 'x-csrf-token': '1', authorization: basic('alice', 'wonder') }
export const clientAuth = { authorization: basic(client_id, '') }
export const exchange = (code: string, form: Record<string, string> = {}) => ({
  grant_type: 'authorization_code',
  code,
  redirect_uri: redirectURI,
  code_verifier: verifier,
  ...form,
})

export async function codeOf(
  server: OAuthTestServer,
  parameters: Record<string, string> = {},
): Promise<string> {
  const answer = await server.get(authorizeAddress(parameters), asAlice)
  if (answer.status !== 302) throw new Error(`no code: ${answer.body}`)
  return locationOf(answer).searchParams.get('code') ?? ''
}

export async function login(server: OAuthTestServer): Promise<string> {
  const answer = await server.post('/oauth/token', exchange(await codeOf(server)), clientAuth)
  if (answer.status !== 200) throw new Error(`no token: ${answer.body}`)
  return (JSON.parse(answer.body) as { access_token: string }).access_token
}
