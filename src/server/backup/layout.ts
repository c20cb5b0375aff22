import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { StartError } from '../start-error.ts'

/**
 * A backup is a folder: `blobs/` as in a data directory, shared by all snapshots, and for each of those
 * `snapshots/<time>/` with `weir.db`, `blobs.txt` (the digests that belong to it), `keys/` and `snapshot.json`, which is
 * written last: without it the snapshot is not whole.
 */
export interface SnapshotInfo {
  format: 1
  createdAt: string
  /** Of the store. */
  revision: number
  /** The program that wrote it. */
  weir: string
  blobs: number
  /** Of the blobs. */
  bytes: number
  /** Whether the server's keys and the administrator's password are in it. */
  keys: boolean
}

export interface BackupSnapshot extends SnapshotInfo {
  name: string
  folder: string
}

export const snapshotsOf = (dir: string): string => join(dir, 'snapshots')
export const infoName = 'snapshot.json'
export const blobListName = 'blobs.txt'
export const storeName = 'weir.db'
export const keysName = 'keys'

/** What of a data directory is as secret as it is needed: without it every token and every client's trust is void. */
export const keyFiles = ['admin-password'] as const
export const keyFolder = 'pki'

/** `20260101T120000Z`. */
export function snapshotName(time: Date): string {
  return time.toISOString().replace(/\.\d+/, '').replaceAll(/[-:]/g, '')
}

/** Whole snapshots, oldest first. */
export async function listSnapshots(dir: string): Promise<BackupSnapshot[]> {
  const names = await readdir(snapshotsOf(dir)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  const found: BackupSnapshot[] = []
  for (const name of names.filter((one) => /^\d{8}T\d{6}Z$/.test(one)).sort()) {
    const folder = join(snapshotsOf(dir), name)
    const info = await readInfo(join(folder, infoName))
    if (info !== undefined) found.push({ ...info, name, folder })
  }
  return found
}

async function readInfo(path: string): Promise<SnapshotInfo | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  const info = JSON.parse(text) as SnapshotInfo
  if (info.format !== 1) throw new StartError(`${path} is of a newer weir (format ${info.format})`)
  return info
}
