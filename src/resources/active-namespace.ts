import { ApiError, formatGroupResource, type GroupResource, notFound } from '../machinery/errors.ts'
import type { Store } from '../store/store.ts'
import { namespacePhaseOf } from './namespace-phase.ts'
import type { ObjectCache } from './object-codec.ts'

/** Nothing new is made in a namespace that is not there (404) or that goes (403), whatever it projects onto. */
export function requireActive(
  phase: 'active' | 'terminating' | 'absent',
  namespace: string,
  resource: GroupResource,
  name: string,
): void {
  if (phase === 'absent') throw notFound({ group: '', resource: 'namespaces' }, namespace)
  if (phase === 'active') return
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`
  const message = `namespace ${namespace} is being terminated`
  const shown = `${formatGroupResource(resource)} "${name}"`
  throw new ApiError(403, 'Forbidden', `${shown} is forbidden: ${why}`, {
    details: {
      ...(name === '' ? {} : { name }),
      ...(resource.group === '' ? {} : { group: resource.group }),
      kind: resource.resource,
      causes: [{ reason: 'NamespaceTerminating', message, field: 'metadata.namespace' }],
    },
  })
}

/** The same, of the namespace as it is stored. */
export async function requireActiveNamespace(
  namespace: string,
  resource: GroupResource,
  name: string,
  { store, cache }: { store: Store; cache: ObjectCache },
): Promise<void> {
  requireActive(await namespacePhaseOf(namespace, store, cache), namespace, resource, name)
}
