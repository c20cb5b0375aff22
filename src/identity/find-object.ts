import type { Client } from '../client/client.ts'
import { isApiError } from '../machinery/errors.ts'
import type { Kind } from '../machinery/kind.ts'
import type { KubeObject } from '../machinery/object.ts'

/** The object, or undefined when there is none. */
export async function findObject<T extends KubeObject>(
  client: Client,
  kind: Kind<T>,
  namespace: string,
  name: string,
): Promise<T | undefined> {
  try {
    return await client.get(kind, namespace, name)
  } catch (error) {
    if (isApiError(error, 'NotFound')) return undefined
    throw error
  }
}
