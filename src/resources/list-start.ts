import type { ListOptions } from '../client/client.ts'
import { ApiError, badRequest, expired } from '../machinery/errors.ts'
import { expiredContinueToken, parseContinueToken } from '../machinery/index.ts'
import { CompactedError, FutureRevisionError, type Store } from '../store/store.ts'

/** Where a list begins, and at which state. */
export interface ListStart {
  after?: string
  revision?: number
  /** The state at that very revision; otherwise the newest will do. */
  exact: boolean
}

export function parseListStart(options: ListOptions, prefix: string): ListStart {
  if (options.continue !== undefined && options.continue !== '') {
    const { revision, after } = parseContinueToken(options.continue)
    return { after: `${prefix}${after}`, ...(revision === undefined ? {} : { revision }), exact: true }
  }
  const asked = options.resourceVersion
  if (asked === undefined || asked === '' || asked === '0') return { exact: false }
  return { revision: parseRevision(asked), exact: options.resourceVersionMatch === 'Exact' }
}

export function parseRevision(text: string): number {
  if (!/^\d{1,16}$/.test(text)) {
    throw badRequest(
      `resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`,
    )
  }
  return Number(text)
}

export function requireReached(store: Store, revision = 0): void {
  const newest = store.revision()
  if (revision > newest) throw new FutureRevisionError(revision, newest)
}

export function toListError(error: unknown, options: ListOptions): unknown {
  if (error instanceof CompactedError) {
    return options.continue
      ? expiredContinueToken(options.continue)
      : expired('The resourceVersion for the provided list is too old.')
  }
  if (error instanceof FutureRevisionError) return tooLargeRevision(error.asked, error.newest)
  return error
}

/** image-api.md §2.1: 504 Timeout with its cause. */
export function tooLargeRevision(asked: number, newest: number): ApiError {
  return new ApiError(504, 'Timeout', `Timeout: Too large resource version: ${asked}, current: ${newest}`, {
    details: {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
  })
}
