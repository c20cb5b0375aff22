import {
  bootstrapClusterRoleBindings,
  bootstrapClusterRoles,
  sharedNamespace,
  sharedResourceBinding,
  sharedResourceRole,
} from '../access/index.ts'
import {
  clusterRoleBindings,
  clusterRoles,
  imagePruners,
  namespaces,
  roleBindings,
  roles,
} from '../api/index.ts'
import type { Client } from '../client/client.ts'
import { isApiError } from '../machinery/errors.ts'
import type { Kind } from '../machinery/kind.ts'
import type { KubeObject } from '../machinery/object.ts'

const selfProvisioners = 'self-provisioners'

/**
 * What has to be there before anybody can do anything: namespaces, roles and their bindings. Made where it is missing. Without
 * self-provisioning the binding that lets everybody request projects is taken away.
 */
export async function bootstrap(
  client: Client,
  { selfProvisioning }: { selfProvisioning: boolean } = { selfProvisioning: true },
): Promise<void> {
  for (const name of ['default', 'kube-system', sharedNamespace]) {
    await ensure(client, namespaces, '', { metadata: { name } } as never)
  }
  await ensureAll(client, clusterRoles, '', bootstrapClusterRoles)
  const bindings = bootstrapClusterRoleBindings.filter(
    ({ metadata }) => selfProvisioning || metadata.name !== selfProvisioners,
  )
  await ensureAll(client, clusterRoleBindings, '', bindings)
  if (!selfProvisioning) await client.delete(clusterRoleBindings, '', selfProvisioners).catch(ignoreNotFound)
  await ensure(client, roles, sharedNamespace, sharedResourceRole)
  await ensure(client, roleBindings, sharedNamespace, sharedResourceBinding)
  // Off until somebody says otherwise (docs/decisions/027).
  await ensure(client, imagePruners, '', { metadata: { name: 'cluster' }, spec: { suspend: true } } as never)
}

function ignoreNotFound(error: unknown): void {
  if (!isApiError(error, 'NotFound')) throw error
}

/** One list, then only what is missing: a second start writes nothing. */
async function ensureAll<T extends KubeObject>(
  client: Client,
  kind: Kind<T>,
  namespace: string,
  wanted: readonly T[],
): Promise<void> {
  const { items } = await client.list(kind, namespace)
  const present = new Set(items.map((item) => item.metadata.name))
  const missing = wanted.filter((object) => !present.has(object.metadata.name))
  await Promise.all(missing.map((object) => client.create(kind, namespace, object)))
}

async function ensure<T extends KubeObject>(
  client: Client,
  kind: Kind<T>,
  namespace: string,
  object: T,
): Promise<void> {
  try {
    await client.get(kind, namespace, object.metadata.name ?? '')
  } catch (error) {
    if (!isApiError(error, 'NotFound')) throw error
    await client.create(kind, namespace, object)
  }
}
