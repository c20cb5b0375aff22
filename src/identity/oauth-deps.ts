import type { Client } from '../client/client.ts'
import type { AttemptLimiter } from './attempt-limiter.ts'
import type { IdentityProvider } from './identity-provider.ts'
import type { KnownClient } from './oauth-clients.ts'

/** What the OAuth server works with; `client` is the program's own, not a user's. */
export interface OAuthDeps {
  client: Client
  /** `https://host:port`, without a slash at the end; it must be https for `oc` (cli.md §20.5). */
  issuer: string
  /** Shown in the page that tells a token. */
  apiServer: string
  providers: readonly IdentityProvider[]
  /** User name → the one provider that may give it; see ProvisionDeps. */
  reserved?: Readonly<Record<string, string>>
  builtIn: readonly KnownClient[]
  limiter: AttemptLimiter
  /** Of cookies: see deriveSecret. */
  sessionSecret: Uint8Array
  now(): Date
  randomBytes(size: number): Uint8Array
  /** Told of failures that the user must not read in full. */
  onError?(error: unknown): void
}

/** Seconds: of codes (auth.md §3 g), access tokens (U-11) and browser sessions. */
export const codeLifetime = 300
export const tokenLifetime = 86_400
export const sessionLifetime = 300

export const fullScope = 'user:full'

/** An error of RFC 6749 §4.1.2.1 and §5.2. */
export class OAuthError extends Error {
  override readonly name = 'OAuthError'
  readonly code: string
  readonly status: number
  constructor(code: string, description: string, status = 400) {
    super(description)
    this.code = code
    this.status = status
  }
}
