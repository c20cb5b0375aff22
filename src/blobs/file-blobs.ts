import { createHash, randomUUID } from 'node:crypto'
import type { Stats } from 'node:fs'
import { open, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import type { Digest } from '../oci/digest.ts'
import { digestAlgorithm, parseDigest } from '../oci/digest.ts'
import { appendBody } from './append-body.ts'
import { openBlobFile } from './blob-file.ts'
import { algorithms, type BlobPaths, createBlobPaths } from './blob-paths.ts'
import type { BlobStat, BlobStore, ByteRange, OpenBlob, Receiving } from './blobs.ts'
import { DigestMismatchError } from './blobs.ts'
import { type BodyHash, createBodyHash } from './body-hash.ts'
import { createFileTrash } from './file-trash.ts'
import { createFileUploads } from './file-uploads.ts'
import { createFolderSync, type FolderSync } from './folder-sync.ts'
import { createHashThreads, type HashThreads } from './hash-threads.ts'
import { installBlob } from './install-blob.ts'
import { receiveBlob } from './receive-blob.ts'
import { removeIfEmpty } from './remove-if-empty.ts'
import { errorCode, storing } from './storage-error.ts'
import { parseName } from './upload-session.ts'

export interface FileBlobsOptions {
  /** Made when absent. One process at a time. */
  dir: string
  clock?: () => Date
}

/** Blobs as files (registry.md §21). BlobStorageError when the folder cannot be made or written. */
export async function openFileBlobs({ dir, clock = () => new Date() }: FileBlobsOptions): Promise<BlobStore> {
  const paths = createBlobPaths(dir)
  const folders = createFolderSync()
  await storing(async () => {
    for (const algorithm of algorithms) await folders.ensure(paths.algorithm(algorithm))
    await folders.ensure(paths.uploads)
    await folders.ensure(paths.temporary)
  })
  const threads = createHashThreads()
  const uploads = createFileUploads({ paths, folders, threads, clock })
  const writing = new Set<string>()
  const putting: Putting = { paths, folders, threads, writing }
  return {
    uploads,
    stat: (digest) => storing(() => statBlob(paths, digest)),
    open: (digest, range) => storing(() => openBlob(paths.data(digest), digest, range)),
    read: (digest, limit) => storing(() => readBlob(paths, digest, limit)),
    put: (digest, body) => putBlob(putting, digest, body),
    receive: (digest, size, body) => receive(putting, digest, size, body),
    delete: (digest) => storing(() => deleteBlob(paths, digest)),
    list: () => listBlobs(paths),
    digests: () => listDigests(paths),
    written: (digest) => storing(async () => (await statData(paths, digest))?.mtime),
    trash: createFileTrash({ paths, folders, clock, open: openBlob }),
    sweep: () => storing(() => sweep(paths, writing)),
    async [Symbol.asyncDispose]() {
      await threads?.[Symbol.asyncDispose]()
    },
  }
}

async function statBlob(paths: BlobPaths, digest: Digest): Promise<BlobStat | undefined> {
  const found = await statData(paths, digest)
  return found && { digest, size: found.size }
}

async function statData(paths: BlobPaths, digest: Digest): Promise<Stats | undefined> {
  try {
    return await stat(paths.data(digest))
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

async function openBlob(path: string, digest: Digest, range?: ByteRange): Promise<OpenBlob | undefined> {
  const file = await openBlobFile(path)
  if (file === undefined) return undefined
  const { size } = file
  if (range !== undefined && !(range.start >= 0 && range.start <= range.end && range.end < size)) {
    await file.close()
    throw new RangeError(`bytes ${range.start}-${range.end} are not within ${size}`)
  }
  let stream: Readable | undefined
  return {
    digest,
    size,
    get stream() {
      stream ??= file.stream(range)
      return stream
    },
    sendTo: (sink) => file.sendTo(sink, range),
  }
}

async function readBlob(paths: BlobPaths, digest: Digest, limit: number): Promise<Uint8Array | undefined> {
  const file = await openBlobFile(paths.data(digest))
  if (file === undefined) return undefined
  try {
    if (file.size > limit) throw new RangeError(`the blob has ${file.size} bytes, more than ${limit}`)
    return await file.read()
  } finally {
    await file.close()
  }
}

interface Putting {
  paths: BlobPaths
  folders: FolderSync
  threads: HashThreads | undefined
  /** Temporary files of puts under way, which sweep must leave alone. */
  writing: Set<string>
}

async function putBlob(
  { paths, folders, threads, writing }: Putting,
  digest: Digest,
  body: AsyncIterable<Uint8Array> | Uint8Array,
): Promise<BlobStat> {
  const algorithm = digestAlgorithm(digest)
  const isWhole = body instanceof Uint8Array
  if (isWhole) {
    checkDigest(digest, createHash(algorithm).update(body).digest('hex'))
    const existing = await storing(() => statBlob(paths, digest))
    if (existing !== undefined) return existing
  }
  const name = randomUUID()
  const path = join(paths.temporary, name)
  writing.add(name)
  try {
    const size = isWhole
      ? await storing(() => writeWhole(path, body))
      : await writeStream(path, body, createBodyHash(algorithm, threads), digest)
    await storing(() => installBlob(paths, folders, path, digest))
    return { digest, size }
  } finally {
    await rm(path, { force: true })
    writing.delete(name)
  }
}

function receive(
  { paths, folders, threads, writing }: Putting,
  digest: Digest,
  size: number,
  body: AsyncIterable<Uint8Array>,
): Promise<Receiving> {
  const name = randomUUID()
  const path = join(paths.temporary, name)
  writing.add(name)
  const receiving = storing(() =>
    receiveBlob({
      path,
      digest,
      size,
      body,
      threads,
      install: () => storing(() => installBlob(paths, folders, path, digest)),
      async discard() {
        await rm(path, { force: true })
        writing.delete(name)
      },
    }),
  )
  receiving.catch(() => writing.delete(name))
  return receiving
}

function checkDigest(claimed: Digest, hex: string): void {
  const actual = `${digestAlgorithm(claimed)}:${hex}`
  if (actual !== claimed) throw new DigestMismatchError(claimed, actual)
}

async function writeWhole(path: string, body: Uint8Array): Promise<number> {
  const file = await open(path, 'wx')
  try {
    await file.writeFile(body)
    await file.sync()
  } finally {
    await file.close()
  }
  return body.length
}

async function writeStream(
  path: string,
  body: AsyncIterable<Uint8Array>,
  hash: BodyHash,
  digest: Digest,
): Promise<number> {
  const file = await storing(() => open(path, 'wx'))
  try {
    const { bytes, broken } = await appendBody(file, 0, body, hash)
    if (broken !== undefined) throw broken.error
    checkDigest(digest, await hash.digest())
    await storing(() => file.sync())
    return bytes
  } finally {
    hash.close()
    await file.close()
  }
}

async function deleteBlob(paths: BlobPaths, digest: Digest): Promise<boolean> {
  const folder = paths.folder(digest)
  try {
    await rm(paths.data(digest))
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false
    throw error
  }
  await removeIfEmpty(folder)
  return true
}

async function* blobFolders(paths: BlobPaths): AsyncGenerator<{ digest: Digest; folder: string }> {
  for (const algorithm of algorithms) {
    for (const prefix of await readdir(paths.algorithm(algorithm))) {
      for (const hex of await readdir(join(paths.algorithm(algorithm), prefix))) {
        const digest = parseDigest(`${algorithm}:${hex}`)
        if (digest !== undefined) yield { digest, folder: paths.folder(digest) }
      }
    }
  }
}

async function* listDigests(paths: BlobPaths): AsyncGenerator<Digest> {
  for await (const { digest } of blobFolders(paths)) yield digest
}

async function* listBlobs(paths: BlobPaths): AsyncGenerator<BlobStat & { modified: Date }> {
  for await (const { digest } of blobFolders(paths)) {
    const found = await statData(paths, digest)
    if (found !== undefined) yield { digest, size: found.size, modified: found.mtime }
  }
}

async function sweep(paths: BlobPaths, writing: ReadonlySet<string>): Promise<number> {
  let removed = 0
  for (const name of await readdir(paths.temporary)) {
    if (writing.has(name)) continue
    await rm(join(paths.temporary, name), { recursive: true, force: true })
    removed++
  }
  for (const name of await readdir(paths.uploads)) {
    if (parseName(name) !== undefined) continue
    await rm(join(paths.uploads, name), { recursive: true, force: true })
    removed++
  }
  for await (const { folder } of blobFolders(paths)) if (await removeIfEmpty(folder)) removed++
  return removed
}
