import type { SeenChange } from './commit-queue.ts'
import type { LogWriter, Outcome } from './log-writer.ts'
import type { Revision } from './store.ts'
import { StoreFailedError, sqliteCode } from './store-errors.ts'

/** Does one job at a time: the caller waits for the answer before it asks again. */
export interface Writer {
  /**
   * Resolves when the commits are durable, just after `onWritten` was told what became of each. StoreFailedError: none of them was
   * written.
   */
  write(
    commits: readonly (readonly SeenChange[])[],
    onWritten: (outcomes: readonly Outcome[]) => void,
  ): Promise<void>
  /** Takes the answer of what is done already now, not in a later turn of the event loop. */
  poll(): void
  forget(revision: Revision): Promise<void>
  /** Removes up to so many rows of history; resolves to how many it removed. */
  sweep(compacted: Revision, limit: number): Promise<number>
  /** Gives free room back to the disk, up to so many pages; resolves to how many. */
  reclaim(limit: number): Promise<number>
  /** Moves what the write-ahead log holds into the file, and closes it. */
  close(): Promise<void>
}

/** Runs the transactions in the caller's thread: for memory, where there is nothing to wait for. */
export function createInlineWriter(log: LogWriter): Writer {
  let writes = 0
  return {
    async write(commits, onWritten) {
      // Promises alone never give the event loop a turn: who commits without end would starve timers and sockets.
      if (++writes % 32 === 0) await new Promise((resolve) => setImmediate(resolve))
      onWritten(attempt(() => log.write(commits)))
    },
    poll: () => undefined,
    forget: async (revision) => attempt(() => log.forget(revision)),
    sweep: async (compacted, limit) => attempt(() => log.sweep(compacted, limit)),
    reclaim: async (limit) => attempt(() => log.reclaim(limit)),
    close: async () => log.close(),
  }
}

function attempt<T>(work: () => T): T {
  try {
    return work()
  } catch (cause) {
    throw toFailedError(cause instanceof Error ? cause.message : String(cause), sqliteCode(cause), cause)
  }
}

/** A full disk may be cleared and a lock released; after any other refusal what the disk holds is no longer certain. */
export function toFailedError(what: string, code: number | undefined, cause?: unknown): StoreFailedError {
  const passing = code === 13 || code === 5 || code === 18
  return new StoreFailedError(what, !passing, { cause })
}
