import type { BlobStore } from '../blobs/index.ts'

/** Whether the storage of blobs answers (registry.md B-91). */
export interface StorageHealth extends Disposable {
  /** What is wrong, by check; undefined while all is well. */
  failing(): Readonly<Record<string, string>> | undefined
  /** Looks now, rather than when it is time again. */
  check(): Promise<void>
}

export interface StorageHealthOptions {
  blobs: Pick<BlobStore, 'list'>
  /** Milliseconds between two looks; 0: none but those asked for. */
  interval: number
  onChange(problem: unknown): void
}

export function startStorageHealth({ blobs, interval, onChange }: StorageHealthOptions): StorageHealth {
  let problem: Readonly<Record<string, string>> | undefined
  let checking: Promise<void> | undefined

  /** Lists the first of whatever is there: that takes the folders, not the blobs. */
  async function look(): Promise<void> {
    try {
      for await (const _first of blobs.list()) break
      if (problem !== undefined) onChange(undefined)
      problem = undefined
    } catch (error) {
      if (problem === undefined) onChange(error)
      problem = { storage: 'the storage does not answer' }
    }
  }

  /** A look that hangs is not joined by others. */
  function check(): Promise<void> {
    checking ??= look().finally(() => {
      checking = undefined
    })
    return checking
  }

  const timer = interval > 0 ? setInterval(() => void check(), interval).unref() : undefined
  return { failing: () => problem, check, [Symbol.dispose]: () => clearInterval(timer) }
}
