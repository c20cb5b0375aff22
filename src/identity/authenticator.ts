import type { Subject } from '../access/access.ts'
import { parseAuthorization } from './authorization-header.ts'
import type { PeerCertificate } from './client-certificate.ts'
import { certificateSubject } from './client-certificate.ts'
import { withAuthenticatedGroup } from './subject.ts'

/** Who is calling? Bad credentials never become anonymous (auth.md U-4). */
export type Authentication = { subject: Subject } | 'none' | 'bad'

/** A kind of token. undefined: not one of mine; 'bad': mine, and no good. */
export interface TokenSource {
  /** `audiences`: whom the token must be meant for, where it says that; absent: this server. */
  authenticateToken(token: string, audiences?: readonly string[]): Promise<Subject | 'bad' | undefined>
}

/** Users with passwords: undefined when they don't fit. */
export interface PasswordSource {
  authenticatePassword(userName: string, password: string): Promise<Subject | undefined>
}

export interface AuthenticatorSources {
  /** Asked in this order. */
  tokens: readonly TokenSource[]
  /** Absent: Basic takes a token as the password only. */
  passwords?: PasswordSource
}

export type RequestHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

/** `peer` is what the TLS layer knows of the client; absent when it presented no certificate. */
export type Authenticate = (headers: RequestHeaders, peer?: PeerCertificate) => Promise<Authentication>

export async function authenticateToken(
  sources: readonly TokenSource[],
  token: string,
  audiences?: readonly string[],
): Promise<Subject | undefined> {
  for (const source of sources) {
    const found = await source.authenticateToken(token, audiences)
    if (found === 'bad') return undefined
    if (found !== undefined) return found
  }
  return undefined
}

/**
 * Certificate first, then `Authorization: Bearer <token>` or `Basic <any name>:<token>` (what registry clients
 * send, U-14), then Basic as name and password where there is a source of passwords.
 */
export function createAuthenticator({ tokens, passwords }: AuthenticatorSources): Authenticate {
  const answer = (subject: Subject | undefined): Authentication =>
    subject === undefined ? 'bad' : { subject: withAuthenticatedGroup(subject) }

  return async (headers, peer) => {
    if (peer !== undefined) return answer(certificateSubject(peer))
    const credentials = parseAuthorization(headers.authorization)
    switch (credentials.kind) {
      case 'none':
        return 'none'
      case 'malformed':
        return 'bad'
      case 'bearer':
        return answer(await authenticateToken(tokens, credentials.token))
      case 'basic': {
        const { userName, password } = credentials
        const byToken = password === '' ? undefined : await authenticateToken(tokens, password)
        return answer(byToken ?? (await passwords?.authenticatePassword(userName, password)))
      }
    }
  }
}
