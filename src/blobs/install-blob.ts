import { mkdir, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Digest } from '../oci/digest.ts'
import type { BlobPaths } from './blob-paths.ts'
import type { FolderSync } from './folder-sync.ts'
import { errorCode } from './storage-error.ts'

const attempts = 8

/**
 * Makes a finished, fsynced file the blob: rename, then fsync of the folders that lead to it, all at once, for the disk makes
 * one journal entry of them. Only after this may anything refer to the blob. Replacing the same content is harmless: readers keep the file that they opened.
 */
export async function installBlob(
  paths: BlobPaths,
  folders: FolderSync,
  file: string,
  digest: Digest,
): Promise<void> {
  const folder = paths.folder(digest)
  for (let attempt = 1; ; attempt++) {
    try {
      await mkdir(folder, { recursive: true })
      await rename(file, paths.data(digest))
      break
    } catch (error) {
      // A deletion of the same digest may take the folder away in between.
      if (errorCode(error) !== 'ENOENT' || attempt === attempts) throw error
    }
  }
  // The upper ones too: another writer may have made them a moment ago, and not be done yet.
  const parent = dirname(folder)
  await Promise.all([syncUnlessGone(folders, folder), folders.sync(parent), folders.syncEntry(parent)])
}

/** A deletion of the blob, a moment later, takes its folder with it: then nothing is left to be made durable. */
async function syncUnlessGone(folders: FolderSync, folder: string): Promise<void> {
  try {
    await folders.sync(folder)
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
  }
}
