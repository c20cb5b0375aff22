import type { BlobStore, Uploads } from '../blobs/index.ts'
import type { Digest } from '../oci/index.ts'
import type { Leases } from './leases.ts'

export interface LeasedBlobsOptions {
  blobs: BlobStore
  leases: Leases
  /** Whether a pruner took the blob on purpose: then only an administrator brings it back. */
  isPruned(digest: Digest): Promise<boolean>
}

/**
 * The blobs as all but the collector see them: what is asked for or stored is leased, and what the collector has put into the
 * trash comes back at once when it is needed. Nobody asks before it is known that he may.
 */
export function createLeasedBlobs({ blobs, leases, isPruned }: LeasedBlobsOptions): BlobStore {
  /** Touched first, so that a collector which has not begun with it won't; one that has is waited for. */
  async function hold(digest: Digest): Promise<void> {
    leases.touch(digest)
    await leases.settled(digest)
  }

  async function revive(digest: Digest): Promise<boolean> {
    if ((await blobs.trash.stat(digest)) === undefined || (await isPruned(digest))) return false
    return (await blobs.trash.restore(digest)) !== undefined
  }

  async function find<T>(digest: Digest, look: () => Promise<T | undefined>): Promise<T | undefined> {
    await hold(digest)
    const found = await look()
    return found === undefined && (await revive(digest)) ? look() : found
  }

  async function store<T>(digest: Digest, work: () => Promise<T>): Promise<T> {
    await hold(digest)
    const stored = await work()
    leases.touch(digest)
    return stored
  }

  const uploads: Uploads = {
    ...blobs.uploads,
    finish: (id, digest) => store(digest, () => blobs.uploads.finish(id, digest)),
  }
  return {
    uploads,
    stat: (digest) => find(digest, () => blobs.stat(digest)),
    open: (digest, range) => find(digest, () => blobs.open(digest, range)),
    read: (digest, limit) => find(digest, () => blobs.read(digest, limit)),
    put: (digest, body) => store(digest, () => blobs.put(digest, body)),
    async receive(digest, size, body) {
      const receiving = await store(digest, () => blobs.receive(digest, size, body))
      receiving.done.then(
        () => leases.touch(digest),
        () => undefined,
      )
      return receiving
    },
    delete: (digest) => blobs.delete(digest),
    list: () => blobs.list(),
    digests: () => blobs.digests(),
    written: (digest) => blobs.written(digest),
    trash: blobs.trash,
    sweep: () => blobs.sweep(),
    [Symbol.asyncDispose]: () => blobs[Symbol.asyncDispose](),
  }
}
