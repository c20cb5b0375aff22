import type { Client } from '../client/client.ts'
import type { PatchOperation } from '../image/index.ts'
import { conflict, isApiError } from '../machinery/errors.ts'
import type { Kind } from '../machinery/kind.ts'
import type { KubeObject } from '../machinery/object.ts'

/** Applies a patch that tests the revision of the object as it was seen; Conflict when the object has moved on. */
export async function patchSeen(
  kind: Kind,
  seen: KubeObject,
  patch: readonly PatchOperation[],
  client: Client,
): Promise<KubeObject> {
  const { namespace = '', name = '', resourceVersion } = seen.metadata
  try {
    return await client.patch(kind, namespace, name, { type: 'json', body: patch })
  } catch (error) {
    // A test that fails is told apart from other reasons only by looking.
    if (!isApiError(error, 'Invalid') || error.details?.causes !== undefined) throw error
    const present = await client.get(kind, namespace, name)
    if (present.metadata.resourceVersion === resourceVersion) throw error
    throw conflict({ group: kind.group, resource: kind.plural }, name)
  }
}
