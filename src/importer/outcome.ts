import type { ImportResultStatus } from '../api/image/index.ts'
import {
  imageNotFoundStatus,
  imageUnauthorizedStatus,
  importInternalErrorStatus,
  wrongPasswordStatus,
} from '../image/index.ts'
import { isUpstreamError } from '../upstream/index.ts'

/** What a failure of the upstream client means to an import (import.md §3.5). */

/** `ref` is the reference with client defaults, e.g. `docker.io/library/x:latest`. */
export function toImageStatus(error: unknown, ref: string): ImportResultStatus {
  if (isUpstreamError(error, 'not-found')) return imageNotFoundStatus(ref)
  if (isUpstreamError(error, 'unauthorized')) return imageUnauthorizedStatus(ref)
  if (isUpstreamError(error, 'wrong-password')) return wrongPasswordStatus(ref)
  return importInternalErrorStatus(`${ref}: ${causeOf(error)}`)
}

/** For the tag list of a repository; `from` is the reference as the user wrote it. */
export function toRepositoryStatus(error: unknown, from: string): ImportResultStatus {
  if (isUpstreamError(error, 'name-unknown') || isUpstreamError(error, 'not-found'))
    return imageNotFoundStatus(from)
  if (isUpstreamError(error, 'unauthorized') || isUpstreamError(error, 'wrong-password')) {
    return imageUnauthorizedStatus(from)
  }
  return importInternalErrorStatus(causeOf(error))
}

/** Several places were asked for one thing, and none had it. */
export function joinStatuses(statuses: readonly ImportResultStatus[]): ImportResultStatus {
  const [first] = statuses
  if (first !== undefined && statuses.length === 1) return first
  return importInternalErrorStatus(`[${statuses.map(({ message }) => message ?? '').join(', ')}]`)
}

/** Errors of our own making are bugs: their text is for the log, not for tenants. */
function causeOf(error: unknown): string {
  return isUpstreamError(error) ? error.message : 'unexpected error while talking to the registry'
}
