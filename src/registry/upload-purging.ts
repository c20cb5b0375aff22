import type { Uploads } from '../blobs/index.ts'
import type { RegistryConfig } from './config.ts'
import type { RegistryLog } from './create-registry.ts'

export interface UploadPurgingOptions {
  uploads: Pick<Uploads, 'purge'>
  config: Pick<RegistryConfig, 'uploadPurging' | 'readOnly'>
  clock(): Date
  log: RegistryLog
}

const maxJitter = 3_600_000

/** Drops abandoned uploads now and then (registry.md A-31); the first time after a random while, so that replicas differ. */
export function startUploadPurging({ uploads, config, clock, log }: UploadPurgingOptions): Disposable {
  const { enabled, age, interval } = config.uploadPurging
  let timer: NodeJS.Timeout | undefined

  function again(after: number): void {
    timer = setTimeout(() => void purge(), after)
    timer.unref()
  }

  async function purge(): Promise<void> {
    try {
      const dropped = await uploads.purge(new Date(clock().getTime() - age))
      if (dropped > 0) log.info({ dropped }, 'abandoned uploads purged')
    } catch (error) {
      log.warn({ err: error }, 'purging uploads failed')
    }
    again(interval)
  }

  if (enabled && !config.readOnly) again(Math.random() * Math.min(maxJitter, interval))
  return { [Symbol.dispose]: () => clearTimeout(timer) }
}
