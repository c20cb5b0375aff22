import { ApiError, isApiError } from '../machinery/errors.ts'

/** An API error about an object from a file says which (cli.md §0.2): `error when creating "x.yaml": …`. */
export function withSource(error: unknown, doing: string, source: string): unknown {
  if (!isApiError(error)) return error
  const message = `error when ${doing} ${JSON.stringify(source)}: ${error.message}`
  return new ApiError(error.code, error.reason, message, {
    ...(error.details === undefined ? {} : { details: error.details }),
    cause: error,
  })
}
