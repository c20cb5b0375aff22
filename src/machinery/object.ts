/** The shapes that every Kubernetes object shares (Kubernetes API conventions, "Resources" and "Metadata"). */

export interface OwnerReference {
  apiVersion: string
  kind: string
  name: string
  uid: string
  controller?: boolean
  blockOwnerDeletion?: boolean
}

export interface ObjectMeta {
  name?: string
  generateName?: string
  namespace?: string
  uid?: string
  /** The store's revision of the object's last write, as decimal digits; opaque to clients. */
  resourceVersion?: string
  generation?: number
  /** RFC 3339, UTC, whole seconds. */
  creationTimestamp?: string
  deletionTimestamp?: string
  deletionGracePeriodSeconds?: number
  labels?: Record<string, string>
  annotations?: Record<string, string>
  ownerReferences?: OwnerReference[]
  finalizers?: string[]
  managedFields?: unknown[]
  selfLink?: string
}

export interface KubeObject {
  apiVersion?: string
  kind?: string
  metadata: ObjectMeta
}

export interface ListMeta {
  resourceVersion?: string
  continue?: string
  remainingItemCount?: number
}

export interface KubeList<T = KubeObject> {
  apiVersion?: string
  kind?: string
  metadata: ListMeta
  items: T[]
}

/** RFC 3339 in UTC with whole seconds: the form of every `metav1.Time` on the wire. */
export function formatTime(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`
}
