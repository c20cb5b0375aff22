import { type BuildConfig, type BuildRequest, buildConfigs } from '../api/index.ts'
import type { Client } from '../client/client.ts'
import { isApiError } from '../machinery/errors.ts'
import { type Controller, settled } from './reconcile.ts'
import { keyOf, keysOf, splitKey } from './watch-source.ts'

/** Milliseconds until a first build that could not be made is tried again. */
const askAgain = 10_000

/** `ConfigChange` triggers of BuildConfigs: the first build follows from their creation, later changes start none. */
export function createConfigChangeController(client: Client): Controller {
  return {
    name: 'build-config-change',
    concurrency: 2,
    maxBackoff: 30_000,
    sources: [keysOf<BuildConfig>(client, buildConfigs, (config) => (isDue(config) ? [keyOf(config)] : []))],
    async reconcile(key) {
      const [namespace, name] = splitKey(key)
      try {
        const config = await client.get(buildConfigs, namespace, name)
        if (!isDue(config)) return settled
        const request: BuildRequest = {
          kind: 'BuildRequest',
          apiVersion: 'build.openshift.io/v1',
          metadata: { name, namespace },
          // Whoever starts the first build, it is one: an image trigger may be faster.
          lastVersion: 0,
          triggeredBy: [{ message: 'Build configuration change' }],
        }
        const options = { subresource: 'instantiate', name }
        await client.create(buildConfigs, namespace, request as never, options)
        return settled
      } catch (error) {
        if (isApiError(error, 'NotFound')) return settled
        // Paused, started by somebody else, or an image that is not there yet.
        if (!isApiError(error, 'BadRequest') && !isApiError(error, 'Invalid')) throw error
        return { kind: 'again', after: askAgain, why: error.message }
      }
    },
  }
}

function isDue({ spec, status, metadata }: BuildConfig): boolean {
  const isTriggered = (spec.triggers ?? []).some(({ type }) => type === 'ConfigChange')
  return isTriggered && status.lastVersion === 0 && metadata.deletionTimestamp === undefined
}
