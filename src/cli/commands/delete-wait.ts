import { setTimeout as sleep } from 'node:timers/promises'
import { type ApiResource, type Rest, resourcePath, watchEvents } from '../../client/index.ts'
import { isApiError } from '../../machinery/errors.ts'
import type { KubeObject } from '../../machinery/object.ts'
import { CliError } from '../errors.ts'

/** Waiting until an object is gone, or another of its name has come (cli.md §3). */

export interface DeletionWait {
  resource: ApiResource
  namespace: string
  name: string
  /** '' when unknown: then the object that is there now is waited for. */
  uid: string
  /** Milliseconds; 0: as long as it takes. */
  timeout: number
  signal: AbortSignal
}

const longest = 168 * 3600 * 1000
/** Milliseconds; then the object is read again: who loses the right to see it may never be told that it is gone. */
const watchFor = 5000

async function readNow(rest: Rest, wait: DeletionWait): Promise<KubeObject | undefined> {
  try {
    return await rest.json<KubeObject>({
      method: 'GET',
      path: resourcePath(wait.resource, wait.namespace, wait.name),
    })
  } catch (error) {
    // Who may delete need not be able to read: nothing is left to wait for.
    if (isApiError(error) && [403, 404, 405].includes(error.code)) return undefined
    throw error
  }
}

/** Resolves when the watch shows the end, or ends itself. */
async function watchOnce(
  rest: Rest,
  wait: DeletionWait,
  resourceVersion: string | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  const query = { fieldSelector: `metadata.name=${wait.name}`, resourceVersion }
  const enough = AbortSignal.any([signal, AbortSignal.timeout(watchFor)])
  try {
    for await (const event of watchEvents(rest, resourcePath(wait.resource, wait.namespace), query, {
      signal: enough,
    })) {
      if (event.type === 'DELETED') return true
      if (event.type === 'ERROR') return false
    }
  } catch (error) {
    if (!isApiError(error)) throw error
  }
  return false
}

export async function waitForDeletion(rest: Rest, wait: DeletionWait): Promise<void> {
  const end = Date.now() + (wait.timeout > 0 ? wait.timeout : longest)
  const signal = AbortSignal.any([wait.signal, AbortSignal.timeout(Math.min(end - Date.now(), 2 ** 31 - 1))])
  let { uid } = wait
  for (;;) {
    const object = await readNow(rest, wait)
    if (object === undefined) return
    const current = object.metadata.uid ?? ''
    if (uid !== '' && current !== uid) return
    uid = current
    if (signal.aborted)
      throw new CliError(`timed out waiting for the condition on ${wait.resource.plural}/${wait.name}`)
    if (await watchOnce(rest, wait, object.metadata.resourceVersion, signal)) return
    await sleep(500, undefined, { signal }).catch(() => undefined)
  }
}
