import { copyFile, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { openFileBlobs } from '../../blobs/index.ts'
import { checkSnapshot, lockFile, renewSnapshot, StoreLockedError } from '../../store/index.ts'
import { writeWhole } from '../files.ts'
import { StartError } from '../start-error.ts'
import { copyBlobs } from './copy-blobs.ts'
import { readBlobList } from './forget-snapshots.ts'
import { type BackupSnapshot, keyFolder, keysName, listSnapshots, storeName } from './layout.ts'
import { syncFolder } from './write-backup.ts'

export interface RestoreOptions {
  dir: string
  dataDir: string
  /** Name of a snapshot; undefined: the newest. */
  snapshot?: string
  /** Replace what is in the data directory. */
  force: boolean
  now: Date
}

export interface RestoreResult {
  snapshot: BackupSnapshot
  copied: number
  copiedBytes: number
}

/** Revisions that may have been given out in a second since the snapshot, at the very most. */
const revisionsPerSecond = 2000
const leastBump = 1_000_000

/**
 * Makes a data directory of a snapshot: blobs first, each checked against its digest, then keys, the store last. The state
 * is newer than any that clients may have seen, so that they list anew instead of going on from what never happened here.
 * StartError, with the directory as it was but for blobs, when something is wrong.
 */
export async function restoreBackup(options: RestoreOptions): Promise<RestoreResult> {
  const { dir, dataDir, force } = options
  const snapshot = await choose(dir, options.snapshot)
  checkSnapshot(join(snapshot.folder, storeName))
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  await requireRoom(dataDir, force)
  using _lock = lock(join(dataDir, storeName))
  const { copied, copiedBytes } = await restoreBlobs(dir, dataDir, snapshot)
  if (snapshot.keys) await restoreKeys(join(snapshot.folder, keysName), dataDir)
  await restoreStore(snapshot, dataDir, options.now)
  return { snapshot, copied, copiedBytes }
}

async function choose(dir: string, name: string | undefined): Promise<BackupSnapshot> {
  const all = await listSnapshots(dir)
  const found = name === undefined ? all.at(-1) : all.find((one) => one.name === name)
  if (found !== undefined) return found
  if (name === undefined) throw new StartError(`there is no whole snapshot in ${dir}`)
  throw new StartError(`there is no snapshot ${name} in ${dir}; --list shows those that are there`)
}

async function requireRoom(dataDir: string, force: boolean): Promise<void> {
  const names = await readdir(dataDir)
  if (names.length > 0 && !force) {
    throw new StartError(`${dataDir} is not empty; give another with --data-dir, or --force to replace it`)
  }
}

function lock(file: string): Disposable {
  try {
    return lockFile(file)
  } catch (error) {
    if (!(error instanceof StoreLockedError)) throw error
    throw new StartError(`a weir is running on ${file}; stop it first`)
  }
}

async function restoreBlobs(dir: string, dataDir: string, snapshot: BackupSnapshot) {
  await using source = await openFileBlobs({ dir })
  await using target = await openFileBlobs({ dir: join(dataDir, 'blobs') })
  const wanted = await readBlobList(snapshot)
  const result = await copyBlobs(
    source,
    target,
    wanted.map(({ digest }) => digest),
  )
  const bad = [...result.missing, ...result.damaged]
  if (bad.length === 0) return result
  const shown = bad.slice(0, 5).join(', ')
  throw new StartError(
    `the backup is damaged: ${bad.length} blobs are missing or not what they were (${shown})`,
  )
}

async function restoreKeys(from: string, dataDir: string): Promise<void> {
  for (const entry of await readdir(from, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const isKey = entry.parentPath !== from
    const path = join(dataDir, isKey ? keyFolder : '', entry.name)
    const mode = entry.name.endsWith('.crt') ? 0o644 : 0o600
    await writeWhole(path, await readFile(join(entry.parentPath, entry.name), 'utf8'), mode)
  }
}

async function restoreStore(snapshot: BackupSnapshot, dataDir: string, now: Date): Promise<void> {
  const file = join(dataDir, storeName)
  const temporary = `${file}.restoring`
  for (const end of ['', '-wal', '-shm']) await rm(`${temporary}${end}`, { force: true })
  // Written through our own file, so that nobody else may read it at any time.
  await writeWhole(temporary, '', 0o600)
  await copyFile(join(snapshot.folder, storeName), temporary)
  const revision = checkSnapshot(temporary)
  const seconds = Math.max(0, (now.getTime() - Date.parse(snapshot.createdAt)) / 1000)
  renewSnapshot(temporary, revision + Math.ceil(leastBump + seconds * revisionsPerSecond))
  for (const end of ['-wal', '-shm']) await rm(`${file}${end}`, { force: true })
  await rename(temporary, file)
  await syncFolder(dataDir)
  await stat(file)
}
