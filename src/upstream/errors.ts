/**
 * What can go wrong with another registry. The kind is for programs; the message is what import.md §3.5 puts behind the
 * reference, in the words that clients look for. Messages carry no credential, no query string and no body of an
 * answer that isn't a registry's error list (threats 3 and 16).
 */
export type UpstreamErrorKind =
  /** No connection, or one that broke. */
  | 'network'
  | 'timeout'
  /** The certificate or the handshake is no good. */
  | 'tls'
  /** https was asked of a port that speaks http. */
  | 'plain-http'
  /** Whatever answers isn't a registry. */
  | 'not-a-registry'
  /** The address, realm or redirect that it leads to may not be contacted. */
  | 'forbidden-target'
  | 'unauthorized'
  /** The token server says that user name or password are wrong. */
  | 'wrong-password'
  | 'denied'
  /** MANIFEST_UNKNOWN, BLOB_UNKNOWN, or a 404 without a body to tell. */
  | 'not-found'
  /** NAME_UNKNOWN. */
  | 'name-unknown'
  | 'too-many-requests'
  /** Status 5xx. */
  | 'server'
  /** Any other refusal, or an answer that breaks the protocol. */
  | 'bad-answer'
  | 'too-large'
  /** The bytes are not those of the digest. */
  | 'digest'
  /** A request would come back to where it started (registry.md B-67). */
  | 'loop'
  /** A name, tag or digest that may not be put into a URL (threat 5). */
  | 'bad-name'

export interface UpstreamErrorOptions {
  /** HTTP status, when there was an answer. */
  status?: number
  /** `errors[].code` of the answer. */
  codes?: readonly string[]
  retryAfterSeconds?: number
  /** Whether asking again may help: decides about retries. */
  temporary?: boolean
  /** Name of the secret whose credential was refused. */
  secret?: string
  cause?: unknown
}

export class UpstreamError extends Error {
  override readonly name = 'UpstreamError'
  readonly kind: UpstreamErrorKind
  readonly status: number | undefined
  readonly codes: readonly string[]
  readonly retryAfterSeconds: number | undefined
  readonly temporary: boolean
  readonly secret: string | undefined

  constructor(kind: UpstreamErrorKind, message: string, options: UpstreamErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.kind = kind
    this.status = options.status
    this.codes = options.codes ?? []
    this.retryAfterSeconds = options.retryAfterSeconds
    this.temporary = options.temporary ?? false
    this.secret = options.secret
  }
}

export function isUpstreamError(error: unknown, kind?: UpstreamErrorKind): error is UpstreamError {
  return error instanceof UpstreamError && (kind === undefined || error.kind === kind)
}

/** The same failure with some of it told otherwise. */
export function changedError(
  error: UpstreamError,
  changes: Pick<UpstreamErrorOptions, 'temporary' | 'secret'> & { message?: string },
): UpstreamError {
  const { kind, status, codes, retryAfterSeconds, cause, temporary, secret } = error
  const kept: [string, unknown][] = Object.entries({ status, retryAfterSeconds, cause, secret })
  const options = Object.fromEntries(kept.filter(([, value]) => value !== undefined))
  return new UpstreamError(kind, changes.message ?? error.message, {
    ...options,
    codes,
    temporary,
    ...changes,
  })
}

/** The same failure, as that of a request: Go's `Get "URL": cause`. */
export function failedRequest(method: string, url: URL, error: UpstreamError): UpstreamError {
  return changedError(error, { message: `${formatRequest(method, url)}: ${error.message}` })
}

/** `Get "https://host/path"`; the query may be a signature and stays out. */
export function formatRequest(method: string, url: URL): string {
  const verb = method.charAt(0) + method.slice(1).toLowerCase()
  return `${verb} "${url.protocol}//${url.host}${url.pathname}"`
}
