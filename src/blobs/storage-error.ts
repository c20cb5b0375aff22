import type { StorageProblem } from './blobs.ts'
import { BlobStorageError } from './blobs.ts'

const problems: Readonly<Record<string, StorageProblem>> = {
  ENOSPC: 'full',
  EDQUOT: 'full',
  EFBIG: 'full',
  EROFS: 'read-only',
  EACCES: 'read-only',
  EPERM: 'read-only',
}

export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/** What a failing file operation means to whoever stores blobs; errors of the store's own catalogue pass unchanged. */
export function toStorageError(error: unknown): Error {
  const code = errorCode(error)
  if (error instanceof Error && code === undefined) return error
  return new BlobStorageError(problems[code ?? ''] ?? 'failed', error)
}

/** Runs a piece of file work, translating what it throws. */
export async function storing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw toStorageError(error)
  }
}
