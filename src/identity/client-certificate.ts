import type { Subject } from '../access/access.ts'

/** What `TLSSocket` tells of the other side. */
export interface PeerCertificate {
  /** Whether the chain ends in the client CA and the time is right: `socket.authorized`. */
  isTrusted: boolean
  /** `getPeerCertificate().subject`: a name that occurs several times is a list. */
  subject: Readonly<Record<string, string | readonly string[] | undefined>>
}

const listOf = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === 'string' ? [value] : value

/**
 * Common name is the user, organisations are the groups (Kubernetes "X509 client certificates"); undefined when it
 * can't be.
 */
export function certificateSubject({ isTrusted, subject }: PeerCertificate): Subject | undefined {
  const names = listOf(subject.CN)
  const [name = ''] = names
  if (!isTrusted || names.length !== 1 || name === '') return undefined
  return { name, groups: [...listOf(subject.O)] }
}
