import { forbidden, isApiError } from '../machinery/errors.ts'
import type { Kind } from '../machinery/kind.ts'
import { formatTime, type KubeObject } from '../machinery/object.ts'
import { isHeld, requirePreconditions } from './delete-object.ts'
import type { DeleteRequest, Endpoint } from './endpoint.ts'
import { encodeObject, withTypeMeta } from './object-codec.ts'
import { createStoredEndpoint, requireEntry, type StoredDeps } from './stored-endpoint.ts'

/** The namespace as far as its own endpoints read it. */
export interface NamespaceObject extends KubeObject {
  spec?: { finalizers?: string[] }
  status?: { phase?: string }
}

/**
 * Namespaces go in two steps (Kubernetes, "Namespaces"): a delete marks them Terminating, and who empties them
 * (controllers/namespace.ts) takes `kubernetes` out of `spec.finalizers` through `finalize`, which ends them.
 */
export function createNamespaceEndpoints(kinds: readonly Kind[], deps: StoredDeps): Endpoint[] {
  const kind = kinds.find((candidate) => candidate.group === '' && candidate.plural === 'namespaces')
  if (kind === undefined) return []
  const stored = createStoredEndpoint(kind, deps)
  return [
    { ...stored, delete: (request) => terminate(kind, request, deps) },
    {
      kind,
      subresource: 'finalize',
      async update(request) {
        const entry = await requireEntry(kind, '', request.name, deps)
        const current = deps.cache.decode(entry) as NamespaceObject
        const { spec } = request.transform(withTypeMeta(kind, current)) as NamespaceObject
        const next: NamespaceObject = { ...current, spec: spec ?? {} }
        const gone = next.metadata.deletionTimestamp !== undefined && !isHeld(kind, next)
        const change = {
          key: entry.key,
          value: gone ? undefined : encodeObject(next),
          expect: entry.revision,
        }
        const [written] = await deps.writer.commit([{ kind, object: next, change }], {
          group: '',
          resource: 'namespaces',
        })
        return { object: withTypeMeta(kind, written as KubeObject), created: false }
      },
    },
  ]
}

/** Namespaces that everything else stands on. */
const immortal = new Set(['default', 'kube-public', 'kube-system', 'openshift', 'openshift-infra'])

async function terminate(
  kind: Kind,
  { name, options }: DeleteRequest,
  deps: StoredDeps,
): Promise<KubeObject> {
  if (immortal.has(name)) {
    throw forbidden({ group: '', resource: kind.plural }, name, 'this namespace may not be deleted')
  }
  for (;;) {
    const entry = await requireEntry(kind, '', name, deps)
    const current = deps.cache.decode(entry) as NamespaceObject
    requirePreconditions(kind, current, options)
    if (current.metadata.deletionTimestamp !== undefined) return withTypeMeta(kind, current)
    const marked: NamespaceObject = {
      ...current,
      metadata: { ...current.metadata, deletionTimestamp: formatTime(deps.clock()) },
      status: { ...current.status, phase: 'Terminating' },
    }
    if (options.dryRun) return withTypeMeta(kind, marked)
    const change = { key: entry.key, value: encodeObject(marked), expect: entry.revision }
    try {
      const [written] = await deps.writer.commit([{ kind, object: marked, change }], {
        group: '',
        resource: 'namespaces',
      })
      return withTypeMeta(kind, written as KubeObject)
    } catch (error) {
      if (!isApiError(error, 'Conflict')) throw error
    }
  }
}
