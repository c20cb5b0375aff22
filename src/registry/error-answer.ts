import { BlobStorageError } from '../blobs/index.ts'
import { isApiError } from '../machinery/errors.ts'
import type { Answer } from './answer.ts'
import { formatErrors, RegistryError, registryError } from './errors.ts'

/**
 * What an error of any layer is on this wire (registry.md A-11, B-32). What is not of the registry's own catalogue keeps
 * its text to itself: it may speak of paths, hosts or other tenants.
 */
export function toRegistryError(error: unknown): RegistryError {
  if (error instanceof RegistryError) return error
  if (error instanceof BlobStorageError) {
    return error.problem === 'failed'
      ? registryError('UNKNOWN', { cause: error })
      : registryError('UNAVAILABLE', { message: error.message, cause: error })
  }
  if (isApiError(error)) {
    if (error.code === 403) return registryError('DENIED', { cause: error })
    if (error.code === 429) return registryError('TOOMANYREQUESTS', { cause: error })
    if (error.code === 503 || error.code === 504) return registryError('UNAVAILABLE', { cause: error })
  }
  return registryError('UNKNOWN', { cause: error })
}

export function errorAnswer(error: RegistryError): Answer {
  const body = formatErrors(error.items)
  return {
    status: error.status,
    headers: {
      'Content-Type': 'application/json',
      'Content-Length': String(body.length),
      ...error.headers,
    },
    body,
  }
}
