import { setTimeout as sleep } from 'node:timers/promises'
import { isApiError } from '../../machinery/errors.ts'

/** Tries again when the object changed in between: 5 attempts, 10 ms apart, with some jitter so that rivals part. */
export async function retryOnConflict<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await attempt()
    } catch (error) {
      if (!isApiError(error, 'Conflict') || tried >= 5) throw error
      await sleep(10 + Math.random())
    }
  }
}
