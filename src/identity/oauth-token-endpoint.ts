import { parseAuthorization } from './authorization-header.ts'
import type { WebRequest, WebResponse } from './http-message.ts'
import { json } from './http-message.ts'
import type { KnownClient } from './oauth-clients.ts'
import { findClient } from './oauth-clients.ts'
import type { OAuthDeps } from './oauth-deps.ts'
import { fullScope, OAuthError, tokenLifetime } from './oauth-deps.ts'
import { redeemCode } from './oauth-grant.ts'
import { isSameSecret } from './secret-digest.ts'

/** `/oauth/token` (auth.md §3 f, RFC 6749 §3.2 and §4.1.3). */

function decodeForm(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}

/** By Basic or in the form; a public client has the empty secret. */
async function readClient(deps: OAuthDeps, request: WebRequest): Promise<KnownClient> {
  const credentials = parseAuthorization(request.headers.authorization)
  const isBasic = credentials.kind === 'basic'
  const name = isBasic ? decodeForm(credentials.userName) : (request.form.get('client_id') ?? '')
  const secret = isBasic ? decodeForm(credentials.password) : (request.form.get('client_secret') ?? '')
  const client = await findClient(deps, name)
  const secrets = client === undefined || client.secrets.length === 0 ? [''] : client.secrets
  const isRight = secrets.map((one) => isSameSecret(one, secret)).includes(true)
  const isClean = credentials.kind === 'none' || isBasic
  if (client === undefined || !isRight || !isClean) {
    throw new OAuthError('invalid_client', 'the client is not known or its secret is wrong', 401)
  }
  return client
}

function only(form: URLSearchParams, key: string): string {
  const values = form.getAll(key)
  if (values.length > 1) throw new OAuthError('invalid_request', `${key} is given more than once`)
  return values[0] ?? ''
}

async function exchange(deps: OAuthDeps, request: WebRequest): Promise<WebResponse> {
  const client = await readClient(deps, request)
  const grantType = only(request.form, 'grant_type')
  if (grantType !== 'authorization_code') {
    throw new OAuthError('unsupported_grant_type', 'grant_type must be authorization_code')
  }
  const token = await redeemCode(deps, only(request.form, 'code'), {
    clientName: client.name,
    redirectURI: only(request.form, 'redirect_uri') || (client.redirectURIs[0] ?? ''),
    verifier: only(request.form, 'code_verifier'),
  })
  return json(200, {
    access_token: token,
    expires_in: tokenLifetime,
    scope: fullScope,
    token_type: 'Bearer',
  })
}

export async function handleToken(deps: OAuthDeps, request: WebRequest): Promise<WebResponse> {
  try {
    return await exchange(deps, request)
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error
    const challenge: Record<string, string> =
      error.status === 401 ? { 'www-authenticate': 'Basic realm="openshift"' } : {}
    return json(error.status, { error: error.code, error_description: error.message }, challenge)
  }
}
