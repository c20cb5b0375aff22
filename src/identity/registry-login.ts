import type { TokenSource } from './authenticator.ts'
import { findTokenSubject } from './authenticator.ts'
import { issueToken } from './oauth-grant.ts'
import { loginWithPassword, type PasswordLoginDeps } from './password-login.ts'

export interface RegistryLoginDeps extends PasswordLoginDeps {
  tokens: readonly TokenSource[]
  randomBytes(size: number): Uint8Array
}

/** Seconds: a client asks anew when they are over, so a token need not outlive a pull by long. */
const lifetime = 3600

/**
 * Login of registry clients by name and password: an access token of the user, or undefined. What is a token, good or worn
 * out, is never tried as a password.
 */
export function createRegistryLogin(deps: RegistryLoginDeps) {
  return async (
    userName: string,
    password: string,
    address: string,
  ): Promise<{ token: string; expiresIn: number } | undefined> => {
    if ((await findTokenSubject(deps.tokens, password)) !== undefined) return undefined
    const login = await loginWithPassword(deps, userName, password, address)
    if (login.kind !== 'user') return undefined
    const { name = '', uid = '' } = login.user.metadata
    const grant = { clientName: 'weir-registry', redirectURI: '', userName: name, userUID: uid }
    return { token: await issueToken(deps, grant, lifetime), expiresIn: lifetime }
  }
}
