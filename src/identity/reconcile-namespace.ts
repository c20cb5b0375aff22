import { projectBindings } from '../access/project-bindings.ts'
import { serviceAccounts } from '../api/core/index.ts'
import { roleBindings } from '../api/rbac/index.ts'
import type { Client } from '../client/client.ts'
import { isApiError } from '../machinery/errors.ts'
import type { Kind } from '../machinery/kind.ts'
import type { KubeObject } from '../machinery/object.ts'
import { findObject } from './find-object.ts'

/** Every namespace has these: for pods, for builds, for deployment pods (U-3). */
export const namespaceAccounts: readonly string[] = ['default', 'builder', 'deployer']

async function ensure<T extends KubeObject>(
  client: Client,
  kind: Kind<T>,
  namespace: string,
  object: T,
): Promise<void> {
  if ((await findObject(client, kind, namespace, object.metadata.name ?? '')) !== undefined) return
  try {
    await client.create(kind, namespace, object)
  } catch (error) {
    if (!isApiError(error, 'AlreadyExists')) throw error
  }
}

/** Makes what a namespace lacks of service accounts and role bindings, and leaves alone what is there (U-3, U-70). */
export async function reconcileNamespaceAccess(client: Client, namespace: string): Promise<void> {
  for (const name of namespaceAccounts) {
    await ensure(client, serviceAccounts, namespace, { metadata: { name, namespace } })
  }
  for (const object of projectBindings(namespace)) {
    await ensure(client, roleBindings, namespace, object)
  }
}
