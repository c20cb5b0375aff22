import { isApiError } from '../machinery/errors.ts'
import { RegistryError, registryError } from './errors.ts'

/** How the API's refusals of a push look on the registry's wire (registry.md B-23, B-32). */

const quotaWords = ['exceeded quota:', 'status unknown for quota:', 'exceeds the maximum limit']

function isQuota(error: unknown): boolean {
  if (!isApiError(error, 'Forbidden') && !isApiError(error, 'Invalid')) return false
  return quotaWords.some((words) => error.message.includes(words))
}

/** The stream to create first: the mapping was to one that does not exist. */
export function isMissingStream(error: unknown, stream: string): boolean {
  if (!isApiError(error, 'NotFound')) return false
  return error.details?.kind === 'imagestreammappings' && error.details.name === stream
}

function isMissingNamespace(error: unknown): boolean {
  return isApiError(error, 'NotFound') && error.details?.kind === 'namespaces'
}

/** `creating` a stream for the user is refused more readily: what the user lacks is the user's to know. */
export function toPushFailure(error: unknown, step: 'creating' | 'mapping'): RegistryError {
  if (error instanceof RegistryError) return error
  const isRefused =
    isApiError(error, 'Forbidden') || (step === 'creating' && isApiError(error, 'Unauthorized'))
  // Creating fails with "namespace not found" only after the user's right to create there has been granted.
  if (isRefused || isQuota(error) || isMissingNamespace(error)) {
    return registryError('DENIED', { cause: error })
  }
  return registryError('UNKNOWN', { cause: error })
}
