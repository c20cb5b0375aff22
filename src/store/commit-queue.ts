import type { Outcome } from './log-writer.ts'
import { type Change, type Revision, StoreConflictError } from './store.ts'
import { StoreClosedError, StoreFailedError } from './store-errors.ts'
import type { Writer } from './writer.ts'

/** A change whose `expect` is the revision of `seen`: then the writer need not give back what it replaced. */
export interface SeenChange extends Change {
  seen?: Uint8Array
}

interface Waiting {
  changes: readonly SeenChange[]
  bytes: number
  resolve(revision: Revision): void
  reject(error: unknown): void
}

/** Bounds on one batch, so that a commit behind a crowd need not wait for all of it. */
const batchLimit = { commits: 1024, bytes: 16 << 20 }

/** Gathers the commits that arrive while the disk is busy into one batch; between batches it lets maintenance work. */
export class CommitQueue {
  readonly #writer: Writer
  readonly #acknowledge: (commits: readonly (readonly SeenChange[])[], outcomes: readonly Outcome[]) => void
  #waiting: Waiting[] = []
  readonly #jobs: (() => Promise<void>)[] = []
  #running: Promise<void> | undefined
  #closed = false
  #failure: StoreFailedError | undefined
  #unsettled = false

  /** `acknowledge` is called with each durable batch before its commits resolve. */
  constructor(
    writer: Writer,
    acknowledge: (commits: readonly (readonly SeenChange[])[], outcomes: readonly Outcome[]) => void,
  ) {
    this.#writer = writer
    this.#acknowledge = acknowledge
  }

  /** The disk may hold commits that were not acknowledged yet. */
  get unsettled(): boolean {
    return this.#unsettled
  }

  /** StoreConflictError, StoreFailedError, StoreClosedError. */
  commit(changes: readonly SeenChange[]): Promise<Revision> {
    return new Promise((resolve, reject) => {
      const refusal = this.#closed ? new StoreClosedError() : this.#failure
      if (refusal !== undefined) return reject(refusal)
      const bytes = changes.reduce((sum, change) => sum + (change.value?.length ?? 0), 0)
      this.#waiting.push({ changes, bytes, resolve, reject })
      this.#running ??= this.#run()
    })
  }

  /** Lets the writer do something else, between two batches. */
  between<T>(work: (writer: Writer) => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(new StoreClosedError())
    return new Promise((resolve, reject) => {
      this.#jobs.push(() => work(this.#writer).then(resolve, reject))
      this.#running ??= this.#run()
    })
  }

  /** Takes no further commits and waits for those that it has. */
  async drain(): Promise<void> {
    this.#closed = true
    await this.#running
  }

  /** Closes the writer, after `drain`. */
  async close(): Promise<void> {
    await this.#writer.close()
  }

  /** What the disk holds is acknowledged as far as the writer has said so. */
  poll(): void {
    if (this.#unsettled) this.#writer.poll()
  }

  async #run(): Promise<void> {
    // Whoever commits in the same turn shares the first batch, too.
    await Promise.resolve()
    while (this.#waiting.length > 0 || this.#jobs.length > 0) {
      if (this.#waiting.length > 0) await this.#flush(this.#takeBatch())
      await this.#jobs.shift()?.()
    }
    this.#running = undefined
  }

  #takeBatch(): Waiting[] {
    let bytes = 0
    let count = 0
    for (const { bytes: more } of this.#waiting) {
      if (count > 0 && (count >= batchLimit.commits || bytes + more > batchLimit.bytes)) break
      bytes += more
      count++
    }
    const batch = this.#waiting.slice(0, count)
    this.#waiting = this.#waiting.slice(count)
    return batch
  }

  async #flush(batch: Waiting[]): Promise<void> {
    const commits = batch.map(({ changes }) => changes)
    let outcomes: readonly Outcome[] = []
    try {
      if (this.#failure !== undefined) throw this.#failure
      this.#unsettled = true
      await this.#writer.write(commits, (written) => {
        outcomes = written
        this.#unsettled = false
        this.#acknowledge(commits, written)
      })
      for (const [place, waiting] of batch.entries()) settle(waiting, outcomes[place]!)
    } catch (error) {
      if (error instanceof StoreFailedError && error.fatal) this.#failure = error
      else this.#unsettled = false
      for (const { reject } of batch) reject(error)
    }
  }
}

function settle(waiting: Waiting, outcome: Outcome): void {
  if (outcome.kind === 'committed') waiting.resolve(outcome.revision)
  else waiting.reject(new StoreConflictError(outcome.key, outcome.current))
}
