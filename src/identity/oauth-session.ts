import type { User } from '../api/user/index.ts'
import { users } from '../api/user/index.ts'
import { findObject } from './find-object.ts'
import type { WebRequest } from './http-message.ts'
import { cookieOf, formatCookie } from './http-message.ts'
import type { OAuthDeps } from './oauth-deps.ts'
import { sessionLifetime } from './oauth-deps.ts'
import { seal, unseal } from './sealed.ts'
import { isSameSecret } from './secret-digest.ts'

/** What a browser remembers between login page and authorisation. */

const sessionCookie = 'weir-session'
const csrfCookie = 'weir-csrf'

export function startSession(deps: OAuthDeps, user: User): string {
  const expires = new Date(deps.now().getTime() + sessionLifetime * 1000)
  const value = { user: user.metadata.name ?? '', uid: user.metadata.uid ?? '' }
  return formatCookie(sessionCookie, seal(deps.sessionSecret, 'session', value, expires), sessionLifetime)
}

export const endSession = formatCookie(sessionCookie, '', 0)

/** The logged-in user, if that user is still the same one. */
export async function sessionUser(deps: OAuthDeps, request: WebRequest): Promise<User | undefined> {
  const value = unseal(deps.sessionSecret, 'session', cookieOf(request, sessionCookie), deps.now())
  if (value === undefined) return undefined
  const user = await findObject(deps.client, users, '', value.user ?? '')
  return user?.metadata.uid === value.uid ? user : undefined
}

/**
 * A secret that a form sends back beside its cookie: a page elsewhere can make a browser send the one, never the
 * other.
 */
export function formSecret(deps: OAuthDeps, request: WebRequest): { secret: string; cookie: string } {
  const known = cookieOf(request, csrfCookie)
  const secret = /^[\w-]{43}$/.test(known) ? known : Buffer.from(deps.randomBytes(32)).toString('base64url')
  return { secret, cookie: formatCookie(csrfCookie, secret) }
}

export function isOwnForm(request: WebRequest): boolean {
  const secret = cookieOf(request, csrfCookie)
  return secret !== '' && isSameSecret(request.form.get('csrf') ?? '', secret)
}
