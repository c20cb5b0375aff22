import { rmdir } from 'node:fs/promises'
import { errorCode } from './storage-error.ts'

/** Whether the folder was there, empty, and is gone. */
export async function removeIfEmpty(folder: string): Promise<boolean> {
  try {
    await rmdir(folder)
    return true
  } catch (error) {
    if (['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(errorCode(error) ?? '')) return false
    throw error
  }
}
