/** The registry's catalogue of errors (registry.md A-11), thrown inside and written once, at the edge. */

interface CatalogEntry {
  status: number
  message: string
}

const catalog = {
  UNKNOWN: { status: 500, message: 'unknown error' },
  UNSUPPORTED: { status: 405, message: 'The operation is unsupported.' },
  UNAUTHORIZED: { status: 401, message: 'authentication required' },
  DENIED: { status: 403, message: 'requested access to the resource is denied' },
  UNAVAILABLE: { status: 503, message: 'service unavailable' },
  TOOMANYREQUESTS: { status: 429, message: 'too many requests' },
  DIGEST_INVALID: { status: 400, message: 'provided digest did not match uploaded content' },
  SIZE_INVALID: { status: 400, message: 'provided length did not match content length' },
  RANGE_INVALID: { status: 416, message: 'invalid content range' },
  NAME_INVALID: { status: 400, message: 'invalid repository name' },
  TAG_INVALID: { status: 400, message: 'manifest tag did not match URI' },
  NAME_UNKNOWN: { status: 404, message: 'repository name not known to registry' },
  MANIFEST_UNKNOWN: { status: 404, message: 'manifest unknown' },
  MANIFEST_INVALID: { status: 400, message: 'manifest invalid' },
  MANIFEST_UNVERIFIED: { status: 400, message: 'manifest failed signature verification' },
  MANIFEST_BLOB_UNKNOWN: { status: 400, message: 'blob unknown to registry' },
  BLOB_UNKNOWN: { status: 404, message: 'blob unknown to registry' },
  BLOB_UPLOAD_UNKNOWN: { status: 404, message: 'blob upload unknown to registry' },
  BLOB_UPLOAD_INVALID: { status: 404, message: 'blob upload invalid' },
  PAGINATION_NUMBER_INVALID: { status: 400, message: 'invalid number of results requested' },
  SIGNATURE_INVALID: { status: 400, message: 'invalid image signature' },
  SIGNATURE_EXISTS: { status: 409, message: 'image signature already exists' },
  OPENSHIFT_PULLTHROUGH_MANIFEST: { status: 404, message: 'unable to pull manifest' },
} as const satisfies Record<string, CatalogEntry>

export type ErrorCode = keyof typeof catalog

/** One entry of the body's `errors`. */
export interface ErrorItem {
  code: ErrorCode
  message: string
  detail?: unknown
}

export interface RegistryErrorOptions {
  message?: string
  /** Left out of the body when undefined; null is written. */
  detail?: unknown
  /** Instead of the code's own status. */
  status?: number
  headers?: Record<string, string>
  cause?: unknown
}

export class RegistryError extends Error {
  override readonly name = 'RegistryError'
  readonly status: number
  readonly items: readonly ErrorItem[]
  readonly headers: Readonly<Record<string, string>>

  constructor(items: readonly ErrorItem[], options: Omit<RegistryErrorOptions, 'message' | 'detail'> = {}) {
    const first = items[0] as ErrorItem
    super(first.message, options.cause === undefined ? undefined : { cause: options.cause })
    this.status = options.status ?? catalog[first.code].status
    this.items = items
    this.headers = options.headers ?? {}
  }
}

export function errorItem(
  code: ErrorCode,
  detail?: unknown,
  message: string = catalog[code].message,
): ErrorItem {
  return { code, message, ...(detail === undefined ? {} : { detail }) }
}

export function registryError(code: ErrorCode, options: RegistryErrorOptions = {}): RegistryError {
  return new RegistryError([errorItem(code, options.detail, options.message)], options)
}

/** The body that goes with an error: one line of JSON. */
export function formatErrors(items: readonly ErrorItem[]): Buffer {
  return Buffer.from(`${JSON.stringify({ errors: items })}\n`)
}
