import { parseChallenges } from './challenge.ts'
import type { UpstreamErrorKind } from './errors.ts'
import { UpstreamError } from './errors.ts'
import { printable } from './target.ts'

/** The parts of a refusal that say what it means. */
export interface Refusal {
  status: number
  /** e.g. `Not Found`. */
  statusText: string
  headers: Readonly<Record<string, string | string[] | undefined>>
  /** At most a small body's worth; '' for HEAD. */
  body: string
}

interface ListedError {
  code: string
  message: string
}

const defaultMessages: Record<string, string> = {
  UNAUTHORIZED: 'authentication required',
  DENIED: 'requested access to the resource is denied',
  NAME_UNKNOWN: 'repository name not known to registry',
  MANIFEST_UNKNOWN: 'manifest unknown',
  BLOB_UNKNOWN: 'blob unknown to registry',
  TOOMANYREQUESTS: 'too many requests',
  UNSUPPORTED: 'The operation is unsupported.',
  UNAVAILABLE: 'service unavailable',
}

/** In the order in which they decide when an answer carries several. */
const kinds: readonly [string, UpstreamErrorKind][] = [
  ['MANIFEST_UNKNOWN', 'not-found'],
  ['BLOB_UNKNOWN', 'not-found'],
  ['UNAUTHORIZED', 'unauthorized'],
  ['TOOMANYREQUESTS', 'too-many-requests'],
  ['NAME_UNKNOWN', 'name-unknown'],
  ['DENIED', 'denied'],
]

/** A status of 400 or more as an error, following import.md §3.5. */
export function toAnswerError(refusal: Refusal): UpstreamError {
  const { status } = refusal
  const retryAfter = retryAfterSeconds(refusal.headers['retry-after'])
  const shared = { status, ...(retryAfter === undefined ? {} : { retryAfterSeconds: retryAfter }) }
  if (status >= 500) {
    const text = `received unexpected HTTP status: ${status} ${refusal.statusText}`
    return new UpstreamError('server', text, { ...shared, temporary: status !== 501 })
  }
  const listed = [...challengeErrors(refusal), ...bodyErrors(refusal)]
  if (listed.length === 0) return unreadable(refusal, shared)
  const codes = listed.map(({ code }) => code)
  const kind = kinds.find(([code]) => codes.includes(code))?.[1] ?? statusKind(status) ?? 'bad-answer'
  const text = formatErrors(listed)
  const isWrongPassword = kind === 'unauthorized' && /incorrect username or password$/.test(text)
  return new UpstreamError(isWrongPassword ? 'wrong-password' : kind, text, { ...shared, codes })
}

function statusKind(status: number): UpstreamErrorKind | undefined {
  if (status === 401) return 'unauthorized'
  return status === 429 ? 'too-many-requests' : undefined
}

function unreadable(refusal: Refusal, shared: { status: number; retryAfterSeconds?: number }): UpstreamError {
  const { status } = refusal
  if (status === 401) {
    return new UpstreamError('unauthorized', 'unauthorized: authentication required', {
      ...shared,
      codes: ['UNAUTHORIZED'],
    })
  }
  if (status === 429) {
    return new UpstreamError('too-many-requests', 'toomanyrequests: too many requests', {
      ...shared,
      temporary: true,
    })
  }
  const kind = status === 404 && refusal.body === '' ? 'not-found' : 'bad-answer'
  return new UpstreamError(
    kind,
    `error parsing HTTP ${status} response body: ${jsonProblem(refusal.body)}`,
    shared,
  )
}

/** What Go's decoder says of it, without the body itself: it may be an inner service's answer (threat 3). */
function jsonProblem(body: string): string {
  const text = body.trimStart()
  if (text === '') return 'unexpected end of JSON input'
  try {
    JSON.parse(body)
    return 'no error details found in HTTP response body'
  } catch {
    const first = text.charAt(0)
    return /[[{"\d\-tfn]/.test(first)
      ? 'invalid JSON'
      : `invalid character '${printable(first)}' looking for beginning of value`
  }
}

function challengeErrors({ headers }: Refusal): ListedError[] {
  return parseChallenges(headers['www-authenticate']).flatMap(({ scheme, parameters }) => {
    const code = scheme === 'bearer' ? bearerCodes[parameters.get('error') ?? ''] : undefined
    return code === undefined ? [] : [{ code, message: parameters.get('error_description') ?? '' }]
  })
}

const bearerCodes: Record<string, string> = { invalid_token: 'UNAUTHORIZED', insufficient_scope: 'DENIED' }

function bodyErrors({ status, body }: Refusal): ListedError[] {
  const parsed = parseObject(body)
  if (parsed === undefined) return []
  if (Array.isArray(parsed.errors)) return parsed.errors.flatMap(toListedError)
  // Docker Hub's token server answers so.
  const details = typeof parsed.details === 'string' ? parsed.details : ''
  const code = status === 401 ? 'UNAUTHORIZED' : status === 429 ? 'TOOMANYREQUESTS' : undefined
  return details === '' || code === undefined ? [] : [{ code, message: details }]
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

function toListedError(value: unknown): ListedError[] {
  if (typeof value !== 'object' || value === null) return []
  const { code, message } = value as Record<string, unknown>
  if (typeof code !== 'string' || !/^[A-Za-z0-9_]{1,64}$/.test(code)) return []
  return [{ code: code.toUpperCase(), message: typeof message === 'string' ? message : '' }]
}

const mostListed = 5

function formatErrors(errors: readonly ListedError[]): string {
  const texts = errors.slice(0, mostListed).map(({ code, message }) => {
    const words = code.toLowerCase().replaceAll('_', ' ')
    const text = printable(message === '' ? (defaultMessages[code] ?? '') : message)
    return text === '' || text === words ? words : `${words}: ${text}`
  })
  return texts.length === 1 ? (texts[0] as string) : `errors: ${texts.join('; ')}`
}

/** Seconds; a date is not understood, as no registry sends one. */
export function retryAfterSeconds(header: string | string[] | undefined): number | undefined {
  const text = (typeof header === 'string' ? header : header?.[0])?.trim() ?? ''
  return /^\d{1,6}$/.test(text) ? Number(text) : undefined
}
