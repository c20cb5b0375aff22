import type { WebRequest, WebResponse } from './http-message.ts'
import { json, page, redirect } from './http-message.ts'
import { handleAuthorize } from './oauth-authorize.ts'
import type { OAuthDeps } from './oauth-deps.ts'
import { fullScope, OAuthError } from './oauth-deps.ts'
import { redeemCode } from './oauth-grant.ts'
import { beginRedirectLogin, completeRedirectLogin, handleLogin } from './oauth-login.ts'
import { displayTokenFormPage, messagePage, tokenPage } from './oauth-pages.ts'
import { endSession, formSecret, isOwnForm } from './oauth-session.ts'
import { handleToken } from './oauth-token-endpoint.ts'

/** `/.well-known/oauth-authorization-server` (RFC 8414; auth.md §3 a). */
export function oauthMetadata(issuer: string) {
  return {
    issuer,
    authorization_endpoint: `${issuer}/oauth/authorize`,
    token_endpoint: `${issuer}/oauth/token`,
    scopes_supported: [fullScope],
    response_types_supported: ['code', 'token'],
    grant_types_supported: ['authorization_code', 'implicit'],
    code_challenge_methods_supported: ['plain', 'S256'],
  }
}

function requestToken(deps: OAuthDeps): WebResponse {
  const query = new URLSearchParams({
    client_id: 'openshift-browser-client',
    redirect_uri: `${deps.issuer}/oauth/token/display`,
    response_type: 'code',
  })
  return redirect(`/oauth/authorize?${query}`)
}

/** The code is spent only by a form of our own page, so that no link elsewhere makes a browser show a token. */
async function displayToken(deps: OAuthDeps, request: WebRequest): Promise<WebResponse> {
  if (request.method !== 'POST') {
    const { secret, cookie } = formSecret(deps, request)
    const code = request.query.get('code') ?? ''
    const body = displayTokenFormPage('/oauth/token/display', secret, code)
    return page(200, body, { 'set-cookie': cookie })
  }
  const again = 'The page was too old. Please request another token.'
  if (!isOwnForm(request)) return page(403, messagePage('Display token', again))
  try {
    const token = await redeemCode(deps, request.form.get('code') ?? '', {
      clientName: 'openshift-browser-client',
      redirectURI: `${deps.issuer}/oauth/token/display`,
      verifier: '',
    })
    return page(200, tokenPage(token, deps.apiServer))
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error
    return page(400, messagePage('Display token', again))
  }
}

const implicitPage = () =>
  page(
    200,
    messagePage(
      'Token',
      'A program that asked for a token by redirect ends here. The token, if there is one, is behind the # of the address.',
    ),
  )

type Handler = (deps: OAuthDeps, request: WebRequest) => WebResponse | Promise<WebResponse>

const routes: Record<string, { methods: readonly string[]; handle: Handler }> = {
  '/.well-known/oauth-authorization-server': {
    methods: ['GET'],
    handle: (deps) => json(200, oauthMetadata(deps.issuer)),
  },
  '/oauth/authorize': { methods: ['GET', 'POST'], handle: handleAuthorize },
  '/oauth/token': { methods: ['POST'], handle: handleToken },
  '/oauth/token/request': { methods: ['GET'], handle: requestToken },
  '/oauth/token/display': { methods: ['GET', 'POST'], handle: displayToken },
  '/oauth/token/implicit': { methods: ['GET'], handle: implicitPage },
  '/login': { methods: ['GET', 'POST'], handle: handleLogin },
  '/logout': {
    methods: ['POST'],
    handle: (deps, request) =>
      isOwnForm(request)
        ? redirect(deps.issuer, { 'set-cookie': endSession })
        : page(403, messagePage('Log out', 'The page was too old.')),
  },
}

const providerRoutes: readonly [
  prefix: string,
  handle: (deps: OAuthDeps, request: WebRequest, name: string) => Promise<WebResponse>,
][] = [
  ['/login/', beginRedirectLogin],
  ['/oauth2callback/', completeRedirectLogin],
]

function decodeSegment(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function findRoute(path: string): { methods: readonly string[]; handle: Handler } | undefined {
  if (Object.hasOwn(routes, path)) return routes[path]
  for (const [prefix, handle] of providerRoutes) {
    if (!path.startsWith(prefix)) continue
    const name = decodeSegment(path.slice(prefix.length))
    return { methods: ['GET'], handle: (deps, request) => handle(deps, request, name) }
  }
  return undefined
}

export type HandleOAuth = (request: WebRequest) => Promise<WebResponse | undefined>

/** Answers what belongs to login; undefined for any other path. These paths need no authorisation. */
export function createOAuthServer(deps: OAuthDeps): HandleOAuth {
  return async (request) => {
    const route = findRoute(request.path)
    if (route === undefined) return undefined
    const method = request.method === 'HEAD' ? 'GET' : request.method
    if (!route.methods.includes(method)) {
      return { ...json(405, { error: 'method not allowed' }), headers: { allow: route.methods.join(', ') } }
    }
    return route.handle(deps, { ...request, method })
  }
}
