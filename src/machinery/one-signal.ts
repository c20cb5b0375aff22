/** Milliseconds, the most that a timer can wait. */
const longest = 2 ** 31 - 1

/** One end for work that may end for several reasons. */
export interface OneSignal extends Disposable {
  readonly signal: AbortSignal
  /** Ends it. */
  abort(): void
}

/**
 * Aborts when one of the sources does, after `ms` milliseconds where that is given, or by `abort`. Disposed it waits for nothing any more,
 * so that of work that is over nothing stays with a source that lives on. Less than AbortSignal.any and .timeout take.
 */
export function oneSignal(sources: readonly (AbortSignal | undefined)[], ms?: number): OneSignal {
  const controller = new AbortController()
  const abort = () => controller.abort()
  for (const source of sources) {
    if (source?.aborted) abort()
    else source?.addEventListener('abort', abort, { once: true })
  }
  const timer = ms === undefined ? undefined : setTimeout(abort, Math.min(ms, longest)).unref()
  return {
    signal: controller.signal,
    abort,
    [Symbol.dispose]() {
      clearTimeout(timer)
      for (const source of sources) source?.removeEventListener('abort', abort)
    },
  }
}
