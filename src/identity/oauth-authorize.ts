import type { User } from '../api/user/user.ts'
import { parseAuthorization } from './authorization-header.ts'
import type { WebRequest, WebResponse } from './http-message.ts'
import { headerOf, json, redirect } from './http-message.ts'
import type { IdentityProvider, PasswordProvider } from './identity-provider.ts'
import type { KnownClient } from './oauth-clients.ts'
import { findClient, redirectAddress } from './oauth-clients.ts'
import type { OAuthDeps } from './oauth-deps.ts'
import { fullScope, OAuthError, tokenLifetime } from './oauth-deps.ts'
import { issueCode, issueToken } from './oauth-grant.ts'
import { sessionUser } from './oauth-session.ts'
import { loginWithPassword } from './password-login.ts'

/** `/oauth/authorize` (auth.md §3, RFC 6749 §4.1 and §4.2, RFC 7636). */

interface AuthorizeRequest {
  client: KnownClient
  redirectURI: string
  responseType: 'code' | 'token'
  state: string
  codeChallenge: string
  codeChallengeMethod: string
}

type Parameters = ReadonlyMap<string, string>

/** A parameter that comes twice would mean different things to different readers. */
function readParameters(request: WebRequest): Parameters {
  const entries = [...request.query, ...(request.method === 'POST' ? request.form : [])]
  const parameters = new Map<string, string>()
  for (const [key, value] of entries) {
    if (parameters.has(key)) throw new OAuthError('invalid_request', `${key} is given more than once`)
    parameters.set(key, value)
  }
  return parameters
}

/** Until this is known nothing may be redirected anywhere. */
async function readTarget(deps: OAuthDeps, parameters: Parameters) {
  const client = await findClient(deps, parameters.get('client_id') ?? '')
  if (client === undefined) {
    throw new OAuthError('unauthorized_client', 'the client is not known or may not ask for tokens this way')
  }
  const redirectURI = redirectAddress(client, parameters.get('redirect_uri') ?? '')
  if (redirectURI === undefined) {
    throw new OAuthError('invalid_request', 'the redirect_uri is not registered for this client')
  }
  return { client, redirectURI }
}

function readResponseType(client: KnownClient, parameters: Parameters): 'code' | 'token' {
  const responseType = parameters.get('response_type') ?? ''
  if (responseType !== 'code' && responseType !== 'token') {
    throw new OAuthError('unsupported_response_type', 'response_type must be code or token')
  }
  if (!client.isNative) return responseType
  // Whatever listens on the port of a native program gets the redirect: only PKCE keeps it from the token (RFC 8252
  // §8.1).
  if (responseType === 'token') {
    throw new OAuthError('unsupported_response_type', 'response_type must be code for this client')
  }
  if ((parameters.get('code_challenge') ?? '') === '') {
    throw new OAuthError('invalid_request', 'this client must send a code_challenge')
  }
  return responseType
}

function readRest(
  client: KnownClient,
  parameters: Parameters,
): Omit<AuthorizeRequest, 'client' | 'redirectURI'> {
  const get = (key: string) => parameters.get(key) ?? ''
  const responseType = readResponseType(client, parameters)
  const scopes = get('scope')
    .split(' ')
    .filter((scope) => scope !== '')
  // A narrower token than we can enforce would be a wider one than the user was told.
  if (scopes.some((scope) => scope !== fullScope)) {
    throw new OAuthError('invalid_scope', `the only scope is ${fullScope}`)
  }
  const codeChallenge = get('code_challenge')
  const codeChallengeMethod = get('code_challenge_method') || (codeChallenge === '' ? '' : 'plain')
  if (!['', 'plain', 'S256'].includes(codeChallengeMethod)) {
    throw new OAuthError('invalid_request', 'code_challenge_method must be plain or S256')
  }
  if (
    (codeChallenge === '') !== (codeChallengeMethod === '') ||
    !/^([\w.~-]{43,128})?$/.test(codeChallenge)
  ) {
    throw new OAuthError('invalid_request', 'the code_challenge is malformed')
  }
  return { responseType, state: get('state'), codeChallenge, codeChallengeMethod }
}

function withQuery(address: string, parameters: Record<string, string>): string {
  const url = new URL(address)
  for (const [key, value] of Object.entries(parameters)) if (value !== '') url.searchParams.set(key, value)
  return url.href
}

function withFragment(address: string, parameters: Record<string, string>): string {
  const given = Object.entries(parameters).filter(([, value]) => value !== '')
  // `~` stands as it is, for people who read the token in the address.
  return `${address}#${new URLSearchParams(given)}`.replaceAll('%7E', '~')
}

async function grant(deps: OAuthDeps, user: User, request: AuthorizeRequest): Promise<WebResponse> {
  const { client, redirectURI, responseType, state } = request
  if (responseType === 'code') {
    const code = await issueCode(deps, user, request)
    return redirect(withQuery(redirectURI, { code, state }))
  }
  const { name: userName = '', uid: userUID = '' } = user.metadata
  const token = await issueToken(deps, { clientName: client.name, redirectURI, userName, userUID })
  const answer = {
    access_token: token,
    expires_in: String(tokenLifetime),
    scope: fullScope,
    state,
    token_type: 'Bearer',
  }
  return redirect(withFragment(redirectURI, answer))
}

const isPassword = (provider: IdentityProvider): provider is PasswordProvider => provider.type === 'password'

const challenge = { 'www-authenticate': 'Basic realm="openshift"' }

/**
 * Programs are asked for name and password by a Basic challenge, and only when they send `X-CSRF-Token`: a page
 * elsewhere cannot make a browser send that.
 */
async function challengeUser(deps: OAuthDeps, request: WebRequest): Promise<User | WebResponse> {
  if (headerOf(request, 'x-csrf-token') === '') {
    const warning =
      '199 Origin "A non-empty X-CSRF-Token header is required to receive basic-auth challenges"'
    return json(401, unauthorized, { warning })
  }
  const providers = deps.providers.filter(isPassword)
  const address = `${deps.issuer}/oauth/token/request`
  if (providers.length === 0) {
    const text = `You must obtain an API token by visiting ${address}\n`
    return { ...json(401, {}), headers: { 'content-type': 'text/plain; charset=utf-8' }, body: text }
  }
  const credentials = parseAuthorization(request.headers.authorization)
  if (credentials.kind !== 'basic') return json(401, unauthorized, challenge)
  const { userName, password } = credentials
  const result = await loginWithPassword({ ...deps, providers }, userName, password, request.remoteAddress)
  switch (result.kind) {
    case 'user':
      return result.user
    case 'refused':
      return json(401, unauthorized, challenge)
    case 'limited':
      return json(429, { error: 'too many failed logins' }, { 'retry-after': String(result.wait) })
  }
}

const unauthorized = {
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message: 'Unauthorized',
  reason: 'Unauthorized',
  code: 401,
}

const isResponse = (value: User | WebResponse): value is WebResponse => 'body' in value

function loginRedirect(request: WebRequest): WebResponse {
  const next = `${request.path}?${request.query}`
  return redirect(`/login?${new URLSearchParams({ next })}`)
}

export async function handleAuthorize(deps: OAuthDeps, request: WebRequest): Promise<WebResponse> {
  let target: Awaited<ReturnType<typeof readTarget>>
  let parameters: Parameters
  try {
    parameters = readParameters(request)
    target = await readTarget(deps, parameters)
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error
    return json(error.status, { error: error.code, error_description: error.message })
  }
  try {
    const asked = { ...target, ...readRest(target.client, parameters) }
    const user = target.client.respondsWithChallenges
      ? await challengeUser(deps, request)
      : await sessionUser(deps, request)
    if (user === undefined) return loginRedirect(request)
    return isResponse(user) ? user : await grant(deps, user, asked)
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error
    const answer = {
      error: error.code,
      error_description: error.message,
      state: parameters.get('state') ?? '',
    }
    return redirect(withQuery(target.redirectURI, answer))
  }
}
