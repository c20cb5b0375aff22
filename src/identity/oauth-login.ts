import type { User } from '../api/user/user.ts'
import type { WebRequest, WebResponse } from './http-message.ts'
import { cookieOf, formatCookie, page, redirect } from './http-message.ts'
import type {
  IdentityProvider,
  PasswordProvider,
  RedirectLogin,
  RedirectProvider,
} from './identity-provider.ts'
import { ProviderError } from './identity-provider.ts'
import type { OAuthDeps } from './oauth-deps.ts'
import { sessionLifetime } from './oauth-deps.ts'
import { loginPage, messagePage } from './oauth-pages.ts'
import { formSecret, isOwnForm, startSession } from './oauth-session.ts'
import { loginWithPassword } from './password-login.ts'
import { ProvisionError, provisionUser } from './provision-user.ts'
import { seal, unseal } from './sealed.ts'

/** `/login`, `/login/<provider>` and `/oauth2callback/<provider>`: pages for browsers. */

const isPassword = (provider: IdentityProvider): provider is PasswordProvider => provider.type === 'password'
const isRedirect = (provider: IdentityProvider): provider is RedirectProvider => provider.type === 'redirect'

/** Only a path of our own: never another host by `//host`, `/\host` or a scheme. */
export function localPath(next: string): string {
  return /^\/(?![/\\])[^\\\p{Cc}]*$/u.test(next) ? next : '/oauth/token/request'
}

function renderLogin(
  deps: OAuthDeps,
  request: WebRequest,
  status: number,
  shown: { next: string; userName: string; error: string },
  headers: WebResponse['headers'] = {},
): WebResponse {
  const { secret, cookie } = formSecret(deps, request)
  const query = new URLSearchParams({ next: shown.next })
  const body = loginPage({
    ...shown,
    action: '/login',
    csrf: secret,
    hasPasswords: deps.providers.some(isPassword),
    links: deps.providers
      .filter(isRedirect)
      .map(({ name }) => ({ name, address: `/login/${encodeURIComponent(name)}?${query}` })),
  })
  return page(status, body, { 'set-cookie': cookie, ...headers })
}

const finish = (deps: OAuthDeps, user: User, next: string) =>
  redirect(localPath(next), { 'set-cookie': startSession(deps, user) })

export async function handleLogin(deps: OAuthDeps, request: WebRequest): Promise<WebResponse> {
  if (request.method !== 'POST') {
    const next = localPath(request.query.get('next') ?? '')
    return renderLogin(deps, request, 200, { next, userName: '', error: '' })
  }
  const { form } = request
  const userName = form.get('username') ?? ''
  const next = localPath(form.get('next') ?? '')
  if (!isOwnForm(request)) {
    const error = 'The page was too old. Please log in again.'
    return renderLogin(deps, request, 403, { next, userName, error })
  }
  const providers = deps.providers.filter(isPassword)
  const result = await loginWithPassword(
    { ...deps, providers },
    userName,
    form.get('password') ?? '',
    request.remoteAddress,
  )
  switch (result.kind) {
    case 'user':
      return finish(deps, result.user, next)
    case 'refused':
      return renderLogin(deps, request, 401, {
        next,
        userName,
        error: 'Invalid login or password. Please try again.',
      })
    case 'limited': {
      const error = `Too many failed logins. Please wait ${result.wait} seconds.`
      return renderLogin(
        deps,
        request,
        429,
        { next, userName, error },
        { 'retry-after': String(result.wait) },
      )
    }
  }
}

const loginCookie = 'weir-login'
const callbackOf = (deps: OAuthDeps, name: string) =>
  `${deps.issuer}/oauth2callback/${encodeURIComponent(name)}`
const findProvider = (deps: OAuthDeps, name: string) =>
  deps.providers.filter(isRedirect).find((provider) => provider.name === name)

const failure = (title: string, message: string, status: number) => page(status, messagePage(title, message))
const notThere = () => failure('Not found', 'There is no such identity provider.', 404)

/** Sends the browser to the provider; what the answer must fit goes with the browser, sealed. */
export async function beginRedirectLogin(
  deps: OAuthDeps,
  request: WebRequest,
  name: string,
): Promise<WebResponse> {
  const provider = findProvider(deps, name)
  if (provider === undefined) return notThere()
  const random = () => Buffer.from(deps.randomBytes(32)).toString('base64url')
  const login: RedirectLogin = {
    state: random(),
    nonce: random(),
    verifier: random(),
    callback: callbackOf(deps, name),
  }
  const { state, nonce, verifier } = login
  const next = localPath(request.query.get('next') ?? '')
  const expires = new Date(deps.now().getTime() + sessionLifetime * 1000)
  const value = seal(deps.sessionSecret, 'login', { name, state, nonce, verifier, next }, expires)
  try {
    const address = await provider.begin(login)
    return redirect(address, { 'set-cookie': formatCookie(loginCookie, value, sessionLifetime) })
  } catch (error) {
    return providerFailure(deps, error)
  }
}

function providerFailure(deps: OAuthDeps, error: unknown): WebResponse {
  if (!(error instanceof ProviderError) && !(error instanceof ProvisionError)) throw error
  deps.onError?.(error)
  return failure('Log in', 'The login did not work. Please try again, or ask your administrator.', 401)
}

/** The provider sent the browser back. The answer counts only for the browser that began, and once. */
export async function completeRedirectLogin(
  deps: OAuthDeps,
  request: WebRequest,
  name: string,
): Promise<WebResponse> {
  const provider = findProvider(deps, name)
  if (provider === undefined) return notThere()
  const begun = unseal(deps.sessionSecret, 'login', cookieOf(request, loginCookie), deps.now())
  const state = request.query.get('state') ?? ''
  const code = request.query.get('code') ?? ''
  const { state: expected = '', nonce = '', verifier = '', next = '' } = begun ?? {}
  if (begun === undefined || begun.name !== name || state !== expected || code === '') {
    return failure('Log in', 'The login was broken off or took too long. Please try again.', 400)
  }
  try {
    const identity = await provider.complete(code, {
      state,
      nonce,
      verifier,
      callback: callbackOf(deps, name),
    })
    const user = await provisionUser(deps, name, identity)
    const cookies = [startSession(deps, user), formatCookie(loginCookie, '', 0)]
    return redirect(localPath(next), { 'set-cookie': cookies })
  } catch (error) {
    return providerFailure(deps, error)
  }
}
