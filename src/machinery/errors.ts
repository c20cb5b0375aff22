/**
 * The catalogue of API errors. The middle of the program throws an {@link ApiError}; only the edges turn it into
 * a `Status` body (apiserver), an OCI error list (registry) or a line (cli).
 */

export type StatusReason =
  | ''
  | 'Unauthorized'
  | 'Forbidden'
  | 'NotFound'
  | 'AlreadyExists'
  | 'Conflict'
  | 'Gone'
  | 'Invalid'
  | 'ServerTimeout'
  | 'Timeout'
  | 'TooManyRequests'
  | 'BadRequest'
  | 'MethodNotAllowed'
  | 'NotAcceptable'
  | 'RequestEntityTooLarge'
  | 'UnsupportedMediaType'
  | 'InternalError'
  | 'Expired'
  | 'ServiceUnavailable'

export interface StatusCause {
  reason?: string
  message?: string
  field?: string
}

export interface StatusDetails {
  name?: string
  group?: string
  kind?: string
  uid?: string
  causes?: StatusCause[]
  retryAfterSeconds?: number
}

/** `metav1.Status`. */
export interface Status {
  kind: 'Status'
  apiVersion: 'v1'
  metadata: { continue?: string; resourceVersion?: string; remainingItemCount?: number }
  status: 'Success' | 'Failure'
  message?: string
  reason?: string
  details?: StatusDetails
  code?: number
}

/** A resource of a group, e.g. `{group: 'image.openshift.io', resource: 'imagestreams'}`. */
export interface GroupResource {
  group: string
  resource: string
}

export interface GroupKind {
  group: string
  kind: string
}

export function formatGroupResource({ group, resource }: GroupResource): string {
  return group === '' ? resource : `${resource}.${group}`
}

export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly code: number
  readonly reason: StatusReason
  readonly details: StatusDetails | undefined
  /** Where a list may go on all the same. */
  readonly continue: string | undefined

  constructor(
    code: number,
    reason: StatusReason,
    message: string,
    options: { details?: StatusDetails; continue?: string; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.reason = reason
    this.details = options.details
    this.continue = options.continue
  }

  /** The wire form (image-api.md §2.1): `details` appears exactly where the error carries one, even if empty. */
  toStatus(): Status {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: this.continue === undefined ? {} : { continue: this.continue },
      status: 'Failure',
      ...(this.message === '' ? {} : { message: this.message }),
      ...(this.reason === '' ? {} : { reason: this.reason }),
      ...(this.details === undefined ? {} : { details: this.details }),
      code: this.code,
    }
  }
}

function resourceDetails(resource: GroupResource, name: string): StatusDetails {
  return {
    ...(name === '' ? {} : { name }),
    ...(resource.group === '' ? {} : { group: resource.group }),
    kind: resource.resource,
  }
}

const goEscapes: Readonly<Record<string, string>> = { '07': '\\a', '0b': '\\v' }

/** Go's `%q`: the quoting that every message of the API uses. */
export function quote(text: string): string {
  return JSON.stringify(text)
    .replace(/\\(?:u00([01][0-9a-f])|.)/g, (found, code?: string) =>
      code === undefined ? found : (goEscapes[code] ?? `\\x${code}`),
    )
    .replace(/[\u007f-\u009f\u2028\u2029\ufeff]/g, (c) => {
      const code = c.charCodeAt(0)
      return code === 0x7f ? '\\x7f' : `\\u${code.toString(16).padStart(4, '0')}`
    })
}

export function notFound(resource: GroupResource, name: string): ApiError {
  return new ApiError(404, 'NotFound', `${formatGroupResource(resource)} ${quote(name)} not found`, {
    details: resourceDetails(resource, name),
  })
}

/** For a path inside a group that names no resource or verb. */
export function pathNotFound(): ApiError {
  return new ApiError(404, 'NotFound', 'the server could not find the requested resource', { details: {} })
}

export function alreadyExists(resource: GroupResource, name: string): ApiError {
  return new ApiError(
    409,
    'AlreadyExists',
    `${formatGroupResource(resource)} ${quote(name)} already exists`,
    { details: resourceDetails(resource, name) },
  )
}

export const modifiedMessage =
  'the object has been modified; please apply your changes to the latest version and try again'

export function conflict(resource: GroupResource, name: string, why: string = modifiedMessage): ApiError {
  return new ApiError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${formatGroupResource(resource)} ${quote(name)}: ${why}`,
    { details: resourceDetails(resource, name) },
  )
}

/** `name` and `resource` may be empty: image-api.md §2.1 gives the three forms. */
export function forbidden(resource: GroupResource, name: string, why: string): ApiError {
  const subject = formatGroupResource(resource)
  const prefix =
    subject === '' ? 'forbidden' : `${subject}${name === '' ? '' : ` ${quote(name)}`} is forbidden`
  return new ApiError(403, 'Forbidden', `${prefix}: ${why}`, {
    details: subject === '' ? {} : resourceDetails(resource, name),
  })
}

export function unauthorized(message = 'Unauthorized'): ApiError {
  return new ApiError(401, 'Unauthorized', message)
}

export function badRequest(message: string): ApiError {
  return new ApiError(400, 'BadRequest', message)
}

export function methodNotAllowed(message?: string, resource?: GroupResource): ApiError {
  return new ApiError(
    405,
    'MethodNotAllowed',
    message ?? 'the server does not allow this method on the requested resource',
    { details: resource === undefined ? {} : resourceDetails(resource, '') },
  )
}

export function internalError(message: string, cause?: unknown): ApiError {
  return new ApiError(500, 'InternalError', `Internal error occurred: ${message}`, {
    details: { causes: [{ message }] },
    cause,
  })
}

export function serverTimeout(
  resource: GroupResource,
  operation: string,
  retryAfterSeconds: number,
): ApiError {
  return new ApiError(
    500,
    'ServerTimeout',
    `The ${operation} operation against ${formatGroupResource(resource)} could not be completed at this time, please try again.`,
    {
      details: {
        name: operation,
        ...(resource.group === '' ? {} : { group: resource.group }),
        kind: resource.resource,
        retryAfterSeconds,
      },
    },
  )
}

/** A `resourceVersion` or continue token older than the log reaches. */
export function expired(message: string): ApiError {
  return new ApiError(410, 'Expired', message)
}

/** The JSON patch forms of "cannot be applied": 422 with empty details (image-api.md §2.1). */
export function unprocessable(): ApiError {
  return new ApiError(422, 'Invalid', 'the server rejected our request due to an error in our request', {
    details: {},
  })
}

// Field errors ---------------------------------------------------------------------------------------------------

export type FieldErrorType =
  | 'Required value'
  | 'Invalid value'
  | 'Not found'
  | 'Forbidden'
  | 'Internal error'
  | 'Duplicate value'
  | 'Unsupported value'
  | 'Too long'
  | 'Too many'

/** One entry of `k8s.io/apimachinery/pkg/util/validation/field`: its text and cause follow image-api.md §2.1. */
export interface FieldError {
  type: FieldErrorType
  /** e.g. `spec.tags[latest].from.name`; the empty root prints as `[]`. */
  field: string
  value?: unknown
  detail?: string
}

const causeReasons: Record<FieldErrorType, string> = {
  'Required value': 'FieldValueRequired',
  'Invalid value': 'FieldValueInvalid',
  'Not found': 'FieldValueNotFound',
  Forbidden: 'FieldValueForbidden',
  'Internal error': 'InternalError',
  'Duplicate value': 'FieldValueDuplicate',
  'Unsupported value': 'FieldValueNotSupported',
  'Too long': 'FieldValueTooLong',
  'Too many': 'FieldValueTooMany',
}

const valueless = new Set<FieldErrorType>(['Required value', 'Forbidden', 'Internal error', 'Too long'])

function formatFieldValue(value: unknown): string {
  if (typeof value === 'string') return quote(value)
  return value === undefined ? 'null' : JSON.stringify(value)
}

/** `Invalid value: "x": detail`, without the path: the `message` of a cause. */
export function fieldErrorBody(error: FieldError): string {
  const value = valueless.has(error.type) ? '' : `: ${formatFieldValue(error.value)}`
  const detail = error.detail === undefined || error.detail === '' ? '' : `: ${error.detail}`
  return `${error.type}${value}${detail}`
}

export function formatFieldError(error: FieldError): string {
  return `${error.field === '' ? '[]' : error.field}: ${fieldErrorBody(error)}`
}

/** One error prints bare, several as `[a, b]` without duplicates (apimachinery `utilerrors.Aggregate`). */
export function formatFieldErrors(errors: readonly FieldError[]): string {
  const texts = [...new Set(errors.map(formatFieldError))]
  return texts.length === 1 ? (texts[0] as string) : `[${texts.join(', ')}]`
}

export function invalid(kind: GroupKind, name: string, errors: readonly FieldError[]): ApiError {
  const subject = kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`
  return new ApiError(422, 'Invalid', `${subject} ${quote(name)} is invalid: ${formatFieldErrors(errors)}`, {
    details: {
      ...(name === '' ? {} : { name }),
      ...(kind.group === '' ? {} : { group: kind.group }),
      ...(kind.kind === '' ? {} : { kind: kind.kind }),
      causes: errors.map((error) => ({
        reason: causeReasons[error.type],
        message: fieldErrorBody(error),
        field: error.field === '' ? '[]' : error.field,
      })),
    },
  })
}

export function isApiError(error: unknown, reason?: StatusReason): error is ApiError {
  return error instanceof ApiError && (reason === undefined || error.reason === reason)
}
