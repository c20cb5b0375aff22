import type { IncomingHttpHeaders } from 'node:http'
import { type Authorize, anonymous, type Subject } from '../access/access.ts'
import { isApiError } from '../machinery/errors.ts'
import { type AccessRecord, recordsDetail } from './access-record.ts'
import { parseCredentials } from './credentials.ts'
import { type RegistryError, registryError } from './errors.ts'

/** Whose the credentials are; `bad` when nobody's. Throws when it could not be found out. `peer` is where the request came from. */
export type Authenticate = (
  headers: IncomingHttpHeaders,
  peer?: { address?: string },
) => Promise<{ subject: Subject } | 'none' | 'bad'>

export interface Challenger {
  /** Quoted into the Bearer challenge (B-14). */
  realmUrl: string
  /** `openshift`, unquoted, in the Basic one. */
  realm: string
}

export interface Gate {
  authenticate: Authenticate
  authorize: Authorize
}

function unauthorized(challenge: string, records: readonly AccessRecord[]): RegistryError {
  return registryError('UNAUTHORIZED', {
    detail: recordsDetail(records),
    headers: { 'WWW-Authenticate': challenge },
  })
}

function accessDenied(challenger: Challenger, records: readonly AccessRecord[]): RegistryError {
  return unauthorized(`Basic realm=${challenger.realm},error="access denied"`, records)
}

/** Finds the caller, or throws the 401 that B-13 wants. */
export async function identify(
  gate: Gate,
  header: string | undefined,
  records: readonly AccessRecord[],
  challenger: Challenger,
  address = '',
): Promise<Subject> {
  const credentials = parseCredentials(header)
  switch (credentials.kind) {
    case 'none':
      throw unauthorized(`Bearer realm="${challenger.realmUrl}"`, records)
    case 'invalid':
      throw unauthorized(`Basic realm=${challenger.realm},error="failed to decode credentials"`, records)
    case 'anonymous':
      return anonymous
    case 'token': {
      const subject =
        (await subjectOf(gate, credentials.token)) ?? (await subjectOfPassword(gate, header, address))
      if (subject === undefined) throw accessDenied(challenger, records)
      return subject
    }
  }
}

/** undefined for a token that nobody has (B-12). */
export function subjectOf(gate: Gate, token: string): Promise<Subject | undefined> {
  return authenticated(gate, `Bearer ${token}`)
}

/** What the real registry has not: Basic with a user's name and password, where it was no token (registry.md §12.3). */
async function subjectOfPassword(gate: Gate, header = '', address: string): Promise<Subject | undefined> {
  return /^basic /i.test(header) ? authenticated(gate, header, address) : undefined
}

async function authenticated(
  { authenticate }: Gate,
  authorization: string,
  address = '',
): Promise<Subject | undefined> {
  try {
    const found = await authenticate({ authorization }, { address })
    return typeof found === 'object' ? found.subject : undefined
  } catch (error) {
    if (isApiError(error) && (error.code === 401 || error.code === 403)) return undefined
    throw unavailable(error)
  }
}

function unavailable(cause: unknown): RegistryError {
  return registryError('UNAVAILABLE', { cause })
}

export async function isAllowed(gate: Gate, subject: Subject, record: AccessRecord): Promise<boolean> {
  try {
    return (await gate.authorize(subject, record.asks)).allowed
  } catch (error) {
    if (isApiError(error) && (error.code === 401 || error.code === 403)) return false
    throw unavailable(error)
  }
}

/** Throws the 401 of B-13 unless every record is allowed. */
export async function requireAccess(
  gate: Gate,
  subject: Subject,
  records: readonly AccessRecord[],
  challenger: Challenger,
): Promise<void> {
  for (const record of records) {
    if (!(await isAllowed(gate, subject, record))) throw accessDenied(challenger, records)
  }
}
