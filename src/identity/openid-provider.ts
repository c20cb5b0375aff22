import { createHash } from 'node:crypto'
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose'
import type { ProviderIdentity, RedirectLogin, RedirectProvider } from './identity-provider.ts'
import { ProviderError } from './identity-provider.ts'

/** Login at an OpenID Connect provider by the code flow with PKCE (OpenID Connect Core 1.0 §3.1). */
export interface OpenIdConfig {
  /** First part of the identities' names. */
  name: string
  /** e.g. `https://accounts.example.com`: `/.well-known/openid-configuration` is read there. */
  issuer: string
  clientId: string
  clientSecret: string
  /** Beside `openid`. */
  extraScopes: readonly string[]
  /** The first of these claims that is there is the user's name. */
  userNameClaims: readonly string[]
}

export interface OpenIdDeps {
  /** Bounded in time, and going only where the administrator's configuration may. */
  fetch(address: string, init: RequestInit): Promise<Response>
  now(): Date
}

interface Discovery {
  authorization_endpoint: string
  token_endpoint: string
  jwks_uri: string
}

const signatures = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']

/** Bytes of an answer that are read at most. */
const answerLimit = 1 << 20

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength
    if (size > answerLimit) throw new ProviderError('the answer of the identity provider is too long')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

async function askJson(
  deps: OpenIdDeps,
  address: string,
  init: RequestInit,
): Promise<Record<string, unknown>> {
  let response: Response
  let text: string
  try {
    response = await deps.fetch(address, { ...init, redirect: 'error' })
    text = await readText(response)
  } catch (cause) {
    if (cause instanceof ProviderError) throw cause
    throw new ProviderError('the identity provider cannot be reached', { cause })
  }
  if (!response.ok) throw new ProviderError(`the identity provider answered with status ${response.status}`)
  try {
    const answer: unknown = JSON.parse(text)
    if (typeof answer === 'object' && answer !== null) return answer as Record<string, unknown>
  } catch {
    // Told below.
  }
  throw new ProviderError('the answer of the identity provider is not a JSON object')
}

function requireAddress(discovery: Record<string, unknown>, key: keyof Discovery): string {
  const value = discovery[key]
  if (typeof value !== 'string' || !URL.canParse(value)) {
    throw new ProviderError(`the identity provider's configuration lacks ${key}`)
  }
  return value
}

/**
 * The issuer's own word about its endpoints; it must name itself as we know it, and no endpoint may be less safe
 * than it is.
 */
async function discover(deps: OpenIdDeps, issuer: string): Promise<Discovery> {
  const address = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  const answer = await askJson(deps, address, {})
  if (answer.issuer !== issuer) throw new ProviderError('the identity provider names another issuer')
  const discovery = {
    authorization_endpoint: requireAddress(answer, 'authorization_endpoint'),
    token_endpoint: requireAddress(answer, 'token_endpoint'),
    jwks_uri: requireAddress(answer, 'jwks_uri'),
  }
  const isSafe = Object.values(discovery).every(
    (one) => new URL(one).protocol === 'https:' || new URL(issuer).protocol === 'http:',
  )
  if (!isSafe) throw new ProviderError('the identity provider names an endpoint that is not https')
  return discovery
}

function authorizationAddress(config: OpenIdConfig, endpoint: string, login: RedirectLogin): string {
  const url = new URL(endpoint)
  const parameters = {
    client_id: config.clientId,
    redirect_uri: login.callback,
    response_type: 'code',
    scope: ['openid', ...config.extraScopes].join(' '),
    state: login.state,
    nonce: login.nonce,
    code_challenge: createHash('sha256').update(login.verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }
  for (const [key, value] of Object.entries(parameters)) url.searchParams.set(key, value)
  return url.href
}

async function askIdToken(
  config: OpenIdConfig,
  deps: OpenIdDeps,
  endpoint: string,
  code: string,
  login: RedirectLogin,
): Promise<string> {
  const encode = (text: string) => new URLSearchParams({ x: text }).toString().slice(2)
  const credentials = `${encode(config.clientId)}:${encode(config.clientSecret)}`
  const answer = await askJson(deps, endpoint, {
    method: 'POST',
    headers: {
      accept: 'application/json',
      authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      redirect_uri: login.callback,
      code_verifier: login.verifier,
    }).toString(),
  })
  if (typeof answer.id_token !== 'string') throw new ProviderError('the identity provider gave no id_token')
  return answer.id_token
}

async function verifyIdToken(
  config: OpenIdConfig,
  token: string,
  keys: Record<string, unknown>,
  nonce: string,
  now: Date,
): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(token, createLocalJWKSet(keys as unknown as JSONWebKeySet), {
      issuer: config.issuer,
      audience: config.clientId,
      algorithms: signatures,
      requiredClaims: ['sub', 'exp', 'iat'],
      currentDate: now,
      clockTolerance: 30,
    })
    const isForOthers =
      Array.isArray(payload.aud) && payload.aud.length > 1 && payload.azp !== config.clientId
    if (payload.nonce !== nonce || isForOthers) throw new ProviderError('the id_token is not of this login')
    return payload
  } catch (cause) {
    if (!(cause instanceof errors.JOSEError)) throw cause
    throw new ProviderError('the id_token is no good', { cause })
  }
}

function toIdentity(config: OpenIdConfig, claims: JWTPayload): ProviderIdentity {
  const text = (key: string): string => {
    const value = claims[key]
    return typeof value === 'string' ? value : ''
  }
  const preferredUserName = config.userNameClaims.map(text).find((value) => value !== '')
  if (preferredUserName === undefined)
    throw new ProviderError('the id_token has none of the claims for a name')
  const [fullName, email] = [text('name'), text('email')]
  return {
    providerUserName: text('sub'),
    preferredUserName,
    ...(fullName === '' ? {} : { fullName }),
    ...(email === '' ? {} : { extra: { email } }),
  }
}

export function createOpenIdProvider(config: OpenIdConfig, deps: OpenIdDeps): RedirectProvider {
  return {
    type: 'redirect',
    name: config.name,
    async begin(login) {
      const { authorization_endpoint } = await discover(deps, config.issuer)
      return authorizationAddress(config, authorization_endpoint, login)
    },
    async complete(code, login) {
      const { token_endpoint, jwks_uri } = await discover(deps, config.issuer)
      const token = await askIdToken(config, deps, token_endpoint, code, login)
      const keys = await askJson(deps, jwks_uri, {})
      return toIdentity(config, await verifyIdToken(config, token, keys, login.nonce, deps.now()))
    },
  }
}
