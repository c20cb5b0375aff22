import type { BlobSender, BlobStat, BlobStore, ByteRange, Receiving } from '../blobs/index.ts'
import { BlobStorageError } from '../blobs/index.ts'
import type { Digest } from '../oci/index.ts'
import type { BlobAnswer, Log } from '../upstream/index.ts'

/**
 * Keeps pulled blobs: one transfer a digest at a time, whether or not the client stays; whoever asks meanwhile reads what it
 * has brought so far (registry.md B-61 to B-63, design.md §3 "registry").
 */
export interface BlobCopier {
  /** The transfer of the digest that is under way, or being opened. */
  current(digest: Digest): Current | undefined
  /**
   * Begins a transfer, for the repository. `place` names where the bytes come from and by whose right. Resolves to undefined
   * when no copy can be made now; rejects when opening fails.
   */
  begin(
    place: string,
    repository: string,
    digest: Digest,
    open: () => Promise<BlobAnswer>,
  ): Promise<Transfer | undefined>
  /** Resolves when nothing is under way. */
  settled(): Promise<void>
}

export interface Current {
  readonly place: string
  readonly opening: Promise<Transfer | undefined>
}

export interface Transfer {
  readonly size: number
  readonly contentType: string
  readonly received: number
  /** The bytes as they come, for another repository too, which is linked when they are all here. undefined: it failed. */
  join(repository: string, range?: ByteRange): Promise<BlobSender | undefined>
}

export interface CopierDeps {
  blobs: Pick<BlobStore, 'receive' | 'open' | 'stat'>
  /** Makes the blob, stored by now, one of the repository's. */
  link(repository: string, blob: BlobStat): Promise<void>
  /** Copies at once; what is asked for beyond them is not kept. */
  most: number
  log: Log
}

export function createBlobCopier({ blobs, link, most, log }: CopierDeps): BlobCopier {
  const running = new Map<Digest, Current>()
  const storing = new Set<Promise<void>>()

  /** undefined when the storage takes nothing: the client need not suffer from that. */
  async function receive(digest: Digest, size: number, answer: BlobAnswer): Promise<Receiving | undefined> {
    try {
      return await blobs.receive(digest, size, answer.stream)
    } catch (error) {
      answer.stream.destroy()
      if (!(error instanceof BlobStorageError)) throw error
      log.warn({ err: error, digest }, 'pulled blob cannot be kept')
      return undefined
    }
  }

  /** The mark is cleared in every outcome, so that the next request may try again. */
  function follow({ digest, done }: Receiving, repositories: ReadonlySet<string>): Promise<void> {
    const stored = done
      .then(async (blob) => {
        for (const repository of repositories) await link(repository, blob)
      })
      .catch((error: unknown) => log.warn({ err: error, digest }, 'pulled blob was not kept'))
      .finally(() => {
        running.delete(digest)
        storing.delete(stored)
      })
    storing.add(stored)
    return stored
  }

  async function open(
    repository: string,
    digest: Digest,
    source: () => Promise<BlobAnswer>,
  ): Promise<Transfer | undefined> {
    const answer = await source()
    const { size, contentType } = answer
    if (size === undefined) {
      answer.stream.destroy()
      return undefined
    }
    const receiving = await receive(digest, size, answer)
    if (receiving === undefined) return undefined
    const repositories = new Set([repository])
    const stored = follow(receiving, repositories)
    return {
      size,
      contentType,
      get received() {
        return receiving.received
      },
      async join(name, range) {
        repositories.add(name)
        const sender = receiving.sender(range)
        if (sender !== undefined) return sender
        await stored
        return blobs.open(digest, range)
      },
    }
  }

  return {
    current: (digest) => running.get(digest),

    begin(place, repository, digest, source) {
      if (running.has(digest) || running.size >= most) return Promise.resolve(undefined)
      const opening = open(repository, digest, source)
      running.set(digest, { place, opening })
      const forget = (): void => void running.delete(digest)
      opening.then((transfer) => transfer === undefined && forget(), forget)
      return opening
    },

    async settled() {
      while (running.size > 0 || storing.size > 0) {
        await Promise.allSettled([...storing, ...[...running.values()].map(({ opening }) => opening)])
      }
    },
  }
}
