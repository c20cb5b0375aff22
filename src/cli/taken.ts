import { once } from 'node:events'
import type { Writable } from 'node:stream'

/**
 * `Output.taken` of a stream. Who waits for its reader waits together: a listener for each of many would be one too many (Node warns
 * of more than ten).
 */
export function takenBy(stream: Writable): () => Promise<void> | undefined {
  let drained: Promise<void> | undefined
  return () => {
    if (!stream.writableNeedDrain) return undefined
    drained ??= once(stream, 'drain').then(
      () => {
        drained = undefined
      },
      (error: unknown) => {
        drained = undefined
        throw error
      },
    )
    return drained
  }
}
