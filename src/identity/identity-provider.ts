import type { CheckPassword } from './htpasswd.ts'

/** Where users come from. Their names at a provider and here are kept apart: Identity joins them (auth.md U-21). */

export interface ProviderIdentity {
  /** What the provider knows the user by, for good. */
  providerUserName: string
  /** The name that the user should have here. */
  preferredUserName: string
  fullName?: string
  extra?: Record<string, string>
}

export interface PasswordProvider {
  type: 'password'
  /** First part of the names of its identities. */
  name: string
  check: CheckPassword
}

/** A provider that has a login page of its own. */
export interface RedirectProvider {
  type: 'redirect'
  name: string
  /** Address to send the browser to. `nonce` and `verifier` are secrets of this login. */
  begin(login: RedirectLogin): Promise<string>
  /** Whom the provider's answer names. Rejects with ProviderError. */
  complete(code: string, login: RedirectLogin): Promise<ProviderIdentity>
}

export interface RedirectLogin {
  state: string
  nonce: string
  /** PKCE (RFC 7636). */
  verifier: string
  /** Where the provider sends the browser back to. */
  callback: string
}

export type IdentityProvider = PasswordProvider | RedirectProvider

/** The provider failed or its answer is no good. The message is for the log, not for the user. */
export class ProviderError extends Error {
  override readonly name = 'ProviderError'
}
