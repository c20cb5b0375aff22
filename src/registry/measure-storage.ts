import { BlobStorageError, type BlobStore } from '../blobs/index.ts'

/** Told of each operation of the storage; `code` when the storage itself failed (registry.md B-92). */
export type StorageObserver = (operation: string, seconds: number, code: string | undefined) => void

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof BlobStorageError)) return undefined
  switch (error.problem) {
    case 'full':
      return 'DEVICE_OUT_OF_SPACE'
    case 'read-only':
      return 'READ_ONLY_FILESYSTEM'
    case 'failed':
      return 'UNKNOWN'
  }
}

/** The same blobs; what each call took and how it failed is told, under the names that drivers of the reference have. */
export function measureStorage(blobs: BlobStore, observe: StorageObserver): BlobStore {
  async function timed<T>(operation: string, work: () => Promise<T>): Promise<T> {
    const start = performance.now()
    let code: string | undefined
    try {
      return await work()
    } catch (error) {
      code = codeOf(error)
      throw error
    } finally {
      observe(`StorageDriver.${operation}`, (performance.now() - start) / 1000, code)
    }
  }

  const { uploads } = blobs
  return {
    stat: (digest) => timed('Stat', () => blobs.stat(digest)),
    open: (digest, range) => timed('Reader', () => blobs.open(digest, range)),
    read: (digest, limit) => timed('GetContent', () => blobs.read(digest, limit)),
    put: (digest, body) => timed('PutContent', () => blobs.put(digest, body)),
    receive: (digest, size, body) => timed('Writer', () => blobs.receive(digest, size, body)),
    delete: (digest) => timed('Delete', () => blobs.delete(digest)),
    list: () => blobs.list(),
    digests: () => blobs.digests(),
    written: (digest) => timed('Stat', () => blobs.written(digest)),
    trash: blobs.trash,
    sweep: () => timed('Walk', () => blobs.sweep()),
    uploads: {
      start: (algorithm, owner) => timed('Writer', () => uploads.start(algorithm, owner)),
      stat: (id) => timed('Stat', () => uploads.stat(id)),
      append: (id, offset, body, options) => timed('Writer', () => uploads.append(id, offset, body, options)),
      finish: (id, digest) => timed('Move', () => uploads.finish(id, digest)),
      cancel: (id) => timed('Delete', () => uploads.cancel(id)),
      purge: (before) => timed('Walk', () => uploads.purge(before)),
      list: () => uploads.list(),
    },
    [Symbol.asyncDispose]: () => blobs[Symbol.asyncDispose](),
  }
}
