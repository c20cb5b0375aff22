import { chmod, copyFile, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type BlobStore, openFileBlobs } from '../../blobs/index.ts'
import { type Digest, parseDigest } from '../../oci/index.ts'
import { snapshotKeys, snapshotStore } from '../../store/index.ts'
import { writeWhole } from '../files.ts'
import { StartError } from '../start-error.ts'
import { type CopyResult, copyBlobs } from './copy-blobs.ts'
import { forgetSnapshots } from './forget-snapshots.ts'
import {
  type BackupSnapshot,
  blobListName,
  infoName,
  keyFiles,
  keyFolder,
  keysName,
  listSnapshots,
  type SnapshotInfo,
  snapshotName,
  snapshotsOf,
  storeName,
} from './layout.ts'

export interface BackupOptions {
  dataDir: string
  /** Made when absent. */
  dir: string
  keys: boolean
  /** Newest snapshots that stay; undefined: all. */
  keep?: number
  now: Date
  weir: string
}

export interface BackupResult {
  snapshot: BackupSnapshot
  copied: number
  copiedBytes: number
  /** Blobs that the store counts on and that are not there, or not what they say: the source's own trouble. */
  missing: Digest[]
  damaged: Digest[]
  /** Names of snapshots that were forgotten. */
  forgotten: string[]
}

/** How often the store is read anew because a blob went between reading the store and copying the blob. */
const attempts = 3

/**
 * A consistent copy of a data directory, whether or not a server works on it: first the store as it is at one revision, then
 * the blobs, of which only those that the backup lacks are copied. Blobs only ever come before what refers to them; one that was
 * deleted in between shows, and the store is read again.
 */
export async function writeBackup(options: BackupOptions): Promise<BackupResult> {
  const { dataDir, dir, now } = options
  await requireDataDir(dataDir)
  await mkdir(snapshotsOf(dir), { recursive: true, mode: 0o700 })
  await removePartial(dir)
  await using source = await openFileBlobs({ dir: join(dataDir, 'blobs') })
  await using target = await openFileBlobs({ dir })
  await target.sweep()
  // The folder may be one that others may read.
  await chmod(join(dir, 'blobs'), 0o700)
  const name = await freeName(dir, now)
  const partial = join(snapshotsOf(dir), `partial-${name}`)
  await mkdir(partial, { mode: 0o700 })
  const total = { copied: 0, copiedBytes: 0 }
  for (let attempt = 1; ; attempt++) {
    const store = join(partial, storeName)
    await rm(store, { force: true })
    const revision = snapshotStore(join(dataDir, storeName), store)
    await chmod(store, 0o600)
    await syncFile(store)
    const result = await copyAll(source, target, neededBlobs(store))
    total.copied += result.copied
    total.copiedBytes += result.copiedBytes
    const missing = [...neededBlobs(store)].filter((digest) => !result.present.has(digest))
    if (missing.some((digest) => !result.damaged.includes(digest)) && attempt < attempts) continue
    if (options.keys) await copyKeys(dataDir, join(partial, keysName))
    const info = await finish(partial, result, {
      format: 1,
      createdAt: now.toISOString(),
      revision,
      weir: options.weir,
      keys: options.keys,
    })
    const folder = join(snapshotsOf(dir), name)
    await rename(partial, folder)
    await syncFolder(snapshotsOf(dir))
    const { damaged } = result
    const snapshot = { ...info, name, folder }
    const forgotten = options.keep === undefined ? [] : await forgetSnapshots(dir, target, options.keep)
    return {
      snapshot,
      ...total,
      missing: missing.filter((one) => !damaged.includes(one)),
      damaged,
      forgotten,
    }
  }
}

async function requireDataDir(dataDir: string): Promise<void> {
  const found = await stat(join(dataDir, storeName)).catch(() => undefined)
  if (found === undefined) {
    throw new StartError(`there is no ${storeName} in ${dataDir}; give the data directory with --data-dir`)
  }
}

async function removePartial(dir: string): Promise<void> {
  for (const name of await readdir(snapshotsOf(dir))) {
    if (name.startsWith('partial-')) await rm(join(snapshotsOf(dir), name), { recursive: true })
  }
}

/** Two backups within a second: the later one is called a second later. */
async function freeName(dir: string, now: Date): Promise<string> {
  const taken = new Set((await listSnapshots(dir)).map(({ name }) => name))
  for (let time = now; ; time = new Date(time.getTime() + 1000)) {
    if (!taken.has(snapshotName(time))) return snapshotName(time)
  }
}

/** All that is stored; of what a collection has moved into the trash that which repositories still count on. */
async function copyAll(source: BlobStore, target: BlobStore, needed: Iterable<Digest>): Promise<CopyResult> {
  const seen = new Set<Digest>()
  const digests = async function* () {
    for await (const { digest } of source.list()) {
      seen.add(digest)
      yield digest
    }
    for (const digest of needed) if (!seen.has(digest)) yield digest
  }
  return copyBlobs(source, target, digests())
}

/** What a repository holds by its own records has to be there; layers that are only imported need not. */
function* neededBlobs(store: string): Generator<Digest> {
  const seen = new Set<Digest>()
  for (const prefix of ['registry/links/', 'registry/manifests/']) {
    for (const key of snapshotKeys(store, prefix)) {
      const digest = parseDigest(key.slice(key.lastIndexOf('/') + 1))
      if (digest === undefined || seen.has(digest)) continue
      seen.add(digest)
      yield digest
    }
  }
}

async function copyKeys(dataDir: string, to: string): Promise<void> {
  await mkdir(join(to, keyFolder), { recursive: true, mode: 0o700 })
  const inFolder = (await readdir(join(dataDir, keyFolder)).catch(() => []))
    .filter((name) => !name.endsWith('.tmp'))
    .map((name) => join(keyFolder, name))
  for (const name of [...keyFiles, ...inFolder]) {
    const found = await stat(join(dataDir, name)).catch(() => undefined)
    if (found?.isFile() !== true) continue
    await copyFile(join(dataDir, name), join(to, name))
    await chmod(join(to, name), 0o600)
    await syncFile(join(to, name))
  }
}

/** The list of blobs, then the file that says that all is there. */
async function finish(
  partial: string,
  { present }: CopyResult,
  about: Omit<SnapshotInfo, 'blobs' | 'bytes'>,
): Promise<SnapshotInfo> {
  const lines = [...present].map(([digest, size]) => `${digest} ${size}\n`).sort()
  await writeWhole(join(partial, blobListName), lines.join(''), 0o600)
  const bytes = [...present.values()].reduce((sum, size) => sum + size, 0)
  const info = { ...about, blobs: present.size, bytes }
  await writeWhole(join(partial, infoName), `${JSON.stringify(info, null, 2)}\n`, 0o600)
  return info
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r+')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
