import type { DeleteOptions } from '../client/client.ts'
import { conflict, type GroupResource, type Status } from '../machinery/errors.ts'
import type { Kind } from '../machinery/kind.ts'
import { formatTime, type KubeObject } from '../machinery/object.ts'
import type { Change, Entry } from '../store/store.ts'
import { encodeObject } from './object-codec.ts'

/**
 * What a delete does to an object: gone at once, or, where finalizers remain, marked with a deletionTimestamp
 * (Kubernetes, "Finalizers"). Marked already: nothing.
 */
export function planDelete(
  object: KubeObject,
  entry: Entry,
  options: DeleteOptions,
  now: Date,
): { object: KubeObject; change?: Change; gone: boolean } {
  if ((object.metadata.finalizers ?? []).length === 0) {
    return { object, change: { key: entry.key, value: undefined, expect: entry.revision }, gone: true }
  }
  if (object.metadata.deletionTimestamp !== undefined) return { object, gone: false }
  const marked = {
    ...object,
    metadata: {
      ...object.metadata,
      deletionTimestamp: formatTime(now),
      deletionGracePeriodSeconds: options.gracePeriodSeconds ?? 0,
      ...(object.metadata.generation === undefined ? {} : { generation: object.metadata.generation + 1 }),
    },
  }
  return {
    object: marked,
    change: { key: entry.key, value: encodeObject(marked), expect: entry.revision },
    gone: false,
  }
}

/** Whether somebody still has to let a deleted object go. A namespace is also held by those who empty it, in its spec. */
export function isHeld({ group, plural }: Pick<Kind, 'group' | 'plural'>, object: KubeObject): boolean {
  const { metadata, spec } = object as KubeObject & { spec?: { finalizers?: string[] } }
  const ofSpec = group === '' && plural === 'namespaces' ? (spec?.finalizers ?? []) : []
  return ofSpec.length > 0 || (metadata.finalizers ?? []).length > 0
}

/** image-api.md §2.3: the error of a failed uid precondition names the Kind. */
export function requirePreconditions(kind: Kind, object: KubeObject, options: DeleteOptions): void {
  const { uid, resourceVersion } = options.preconditions ?? {}
  const named: GroupResource = { group: kind.group, resource: kind.kind }
  const name = object.metadata.name ?? ''
  if (uid !== undefined && uid !== object.metadata.uid) {
    throw conflict(
      named,
      name,
      `the UID in the precondition (${uid}) does not match the UID in record (${object.metadata.uid}). The object might have been deleted and then recreated`,
    )
  }
  if (resourceVersion !== undefined && resourceVersion !== object.metadata.resourceVersion) {
    throw conflict(
      named,
      name,
      `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${object.metadata.resourceVersion}). The object might have been modified`,
    )
  }
}

export function deletedStatus(kind: Kind, object: KubeObject): Status {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: {
      name: object.metadata.name,
      ...(kind.group === '' ? {} : { group: kind.group }),
      kind: kind.plural,
      uid: object.metadata.uid,
    },
  }
}
