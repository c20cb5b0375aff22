import { type ImageImportStatus, type ImportResultStatus, imageGroup } from '../api/image/index.ts'
import { quote } from '../machinery/index.ts'

/** The `metav1.Status` values that imports report (import.md §2.2, §3.5). `reference` always shows a tag or digest. */

export const successStatus: ImportResultStatus = { metadata: {}, status: 'Success' }

function failure(reason: string, code: number, message: string): ImportResultStatus {
  return { metadata: {}, status: 'Failure', message, reason, code }
}

export function imageNotFoundStatus(reference: string): ImportResultStatus {
  return {
    ...failure('NotFound', 404, `dockerimage.${imageGroup} ${quote(reference)} not found`),
    details: { name: reference, group: imageGroup, kind: 'dockerimage' },
  }
}

export function imageUnauthorizedStatus(reference: string): ImportResultStatus {
  return failure('Unauthorized', 401, `you may not have access to the container image ${quote(reference)}`)
}

/** What Docker Hub's token server says of a wrong password; the one case of the second, anonymous pass. */
export function wrongPasswordStatus(reference: string): ImportResultStatus {
  return failure('Unauthorized', 401, `incorrect username or password for image ${quote(reference)}`)
}

export function registryBlockedStatus(registry: string): ImportResultStatus {
  return { ...failure('Forbidden', 403, `forbidden: registry ${registry} blocked`), details: {} }
}

/** `cause` with the reference before it for images, bare for repositories and several sources. */
export function importInternalErrorStatus(cause: string): ImportResultStatus {
  return {
    ...failure('InternalError', 500, `Internal error occurred: ${cause}`),
    details: { causes: [{ message: cause }] },
  }
}

export function importUnknownStatus(tag: string, repository: string, mode: string): ImportResultStatus {
  return importInternalErrorStatus(
    `unknown error while importing tag ${quote(tag)} from repository ${quote(repository)} with import mode ${quote(mode)}, please try again.`,
  )
}

/** The summary of a repository import whose repository could be read. */
export function repositoryStatus(images: readonly ImageImportStatus[]): ImportResultStatus {
  const failed = images.filter(({ status }) => status.status !== 'Success').length
  if (failed === 0) return successStatus
  const subject = failed === 1 ? 'one' : `${failed}`
  return {
    metadata: {},
    status: 'Failure',
    message: `${subject} of the images from this repository failed to import`,
    reason: 'ImportFailed',
  }
}

/** Whether an import is to be repeated without the namespace's secrets (import.md §3.6). */
export function wantsAnonymousPass(images: readonly ImageImportStatus[]): boolean {
  return images.some(
    ({ status }) => status.reason === 'Unauthorized' && /username or password/i.test(status.message ?? ''),
  )
}

/** Results of the second pass; what is unauthorised still keeps what the first pass said. */
export function mergePasses(
  first: readonly ImageImportStatus[],
  second: readonly ImageImportStatus[],
): ImageImportStatus[] {
  return second.map((result, index) => {
    const before = first[index]
    return result.status.reason === 'Unauthorized' && before !== undefined ? before : result
  })
}
