import { oneKey } from './one-key.ts'
import type { Controller } from './reconcile.ts'

export interface CollectSettings {
  /** Milliseconds. */
  interval: number
  /** Milliseconds after the start before which nothing can be collected. */
  grace: number
}

export interface CollectControllerDeps {
  settings: CollectSettings
  /** Resolves to what the log is to hear of it. */
  collect(signal: AbortSignal): Promise<object>
  log: { info(fields: object, message: string): void }
}

/** Collects blobs that nothing refers to, now and then; the first time when leases tell of a whole grace time. */
export function createCollectController({ settings, collect, log }: CollectControllerDeps): Controller {
  let isFirst = true
  return {
    name: 'collect-blobs',
    concurrency: 1,
    sources: [oneKey],
    async reconcile(_key, signal) {
      if (isFirst) {
        isFirst = false
        const after = Math.min(settings.grace, settings.interval)
        return { kind: 'again', after, why: 'what is in use is not known yet' }
      }
      log.info(await collect(signal), 'blobs collected')
      return { kind: 'again', after: settings.interval, why: 'garbage comes all the time' }
    },
  }
}
