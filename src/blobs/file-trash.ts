import { mkdir, readdir, rename, stat, unlink, utimes } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Digest, parseDigest } from '../oci/digest.ts'
import { algorithms, type BlobPaths } from './blob-paths.ts'
import type { BlobStat, BlobTrash, DiscardedBlob, OpenBlob } from './blobs.ts'
import type { FolderSync } from './folder-sync.ts'
import { installBlob } from './install-blob.ts'
import { removeIfEmpty } from './remove-if-empty.ts'
import { errorCode, storing } from './storage-error.ts'

export interface FileTrashOptions {
  paths: BlobPaths
  folders: FolderSync
  clock: () => Date
  open(path: string, digest: Digest): Promise<OpenBlob | undefined>
}

/**
 * Discarded blobs of the file engine: a file each, beside the tree of blobs, its modification time the moment it was moved.
 * A crash between any two steps leaves the blob in one of the two places.
 */
export function createFileTrash({ paths, folders, clock, open }: FileTrashOptions): BlobTrash {
  return {
    discard: (digest) => storing(() => discard(paths, digest, clock())),
    restore: (digest) => storing(() => restore(paths, folders, digest)),
    stat: (digest) => storing(() => statDiscarded(paths, digest)),
    open: (digest) => storing(() => open(paths.discarded(digest), digest)),
    list: () => listDiscarded(paths),
    delete: (digest) => storing(() => remove(paths, digest)),
  }
}

/** What the work resolves to; undefined when a file on its way was not there. */
async function unlessAbsent<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

async function discard(paths: BlobPaths, digest: Digest, now: Date): Promise<BlobStat | undefined> {
  const data = paths.data(digest)
  const found = await unlessAbsent(stat(data))
  if (found === undefined) return undefined
  const move = async (): Promise<true> => {
    await utimes(data, now, now)
    await rename(data, paths.discarded(digest))
    return true
  }
  // The folder of the trash is there but for the first of its kind; then the blob may be gone as well.
  const moved =
    (await unlessAbsent(move())) ??
    (await mkdir(dirname(paths.discarded(digest)), { recursive: true }).then(() => unlessAbsent(move())))
  if (moved === undefined) return undefined
  // Its folder stays until the blob is deleted: removing one is slow, and many blobs come back.
  return { digest, size: found.size }
}

async function restore(paths: BlobPaths, folders: FolderSync, digest: Digest): Promise<BlobStat | undefined> {
  const source = paths.discarded(digest)
  const found = await unlessAbsent(stat(source))
  if (found === undefined) return undefined
  const moved = await unlessAbsent(installBlob(paths, folders, source, digest).then(() => true))
  // Two who restore at once both find it back.
  const isThere = moved ?? (await unlessAbsent(stat(paths.data(digest)))) !== undefined
  return isThere ? { digest, size: found.size } : undefined
}

async function statDiscarded(paths: BlobPaths, digest: Digest): Promise<DiscardedBlob | undefined> {
  const found = await unlessAbsent(stat(paths.discarded(digest)))
  return found && { digest, size: found.size, discarded: found.mtime }
}

async function* listDiscarded(paths: BlobPaths): AsyncGenerator<DiscardedBlob> {
  for (const algorithm of algorithms) {
    const folder = join(paths.trash, algorithm)
    for (const prefix of (await unlessAbsent(readdir(folder))) ?? []) {
      for (const hex of (await unlessAbsent(readdir(join(folder, prefix)))) ?? []) {
        const digest = parseDigest(`${algorithm}:${hex}`)
        const found = digest && (await statDiscarded(paths, digest))
        if (found !== undefined) yield found
      }
    }
  }
}

async function remove(paths: BlobPaths, digest: Digest): Promise<boolean> {
  const gone = await unlessAbsent(unlink(paths.discarded(digest)).then(() => true))
  await removeIfEmpty(paths.folder(digest))
  return gone === true
}
