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

/** Users with passwords: undefined when they don't fit. `address` is the client's, where it is known. */
export interface PasswordSource {
  authenticatePassword(userName: string, password: string, address?: string): Promise<Subject | undefined>
}

export interface AuthenticatorSources {
  /** Asked in this order. */
  tokens: readonly TokenSource[]
  /** Absent: Basic takes a token as the password only. */
  passwords?: PasswordSource
}

export type RequestHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

/** The other side of the connection. */
export interface Peer {
  /** What the TLS layer knows of the client; absent when it presented no certificate. */
  certificate?: PeerCertificate
  address?: string
}

export type Authenticate = (headers: RequestHeaders, peer?: Peer) => Promise<Authentication>

/** 'bad': a source's own, and no good; undefined: no token of any source. */
export async function findTokenSubject(
  sources: readonly TokenSource[],
  token: string,
  audiences?: readonly string[],
): Promise<Subject | 'bad' | undefined> {
  for (const source of sources) {
    const found = await source.authenticateToken(token, audiences)
    if (found !== undefined) return found
  }
  return undefined
}

export async function authenticateToken(
  sources: readonly TokenSource[],
  token: string,
  audiences?: readonly string[],
): Promise<Subject | undefined> {
  const found = await findTokenSubject(sources, token, audiences)
  return found === 'bad' ? undefined : found
}

/**
 * Certificate first, then `Authorization: Bearer <token>` or `Basic <any name>:<token>` (what registry clients
 * send, U-14), then Basic as name and password where there is a source of passwords. A worn-out token is never tried as a
 * password: clients repeat it, and would lock its owner out.
 */
export function createAuthenticator({ tokens, passwords }: AuthenticatorSources): Authenticate {
  const answer = (subject: Subject | undefined): Authentication =>
    subject === undefined ? 'bad' : { subject: withAuthenticatedGroup(subject) }

  return async (headers, { certificate, address = '' } = {}) => {
    if (certificate !== undefined) return answer(certificateSubject(certificate))
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
        const byToken = password === '' ? 'bad' : await findTokenSubject(tokens, password)
        if (byToken === 'bad') return 'bad'
        return answer(byToken ?? (await passwords?.authenticatePassword(userName, password, address)))
      }
    }
  }
}
