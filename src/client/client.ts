import type { TagEventCause } from '../api/index.ts'
import type { Status } from '../machinery/errors.ts'
import type { Kind } from '../machinery/kind.ts'
import type { KubeList, KubeObject } from '../machinery/object.ts'

/**
 * The face of the API that controllers, registry, CLI and tests share (design.md §2.10). In process `resources` implements
 * it; outside `createHttpClient` does. Every method rejects with an ApiError.
 */

export type PatchType = 'json' | 'merge' | 'strategic' | 'apply'

export interface Patch {
  type: PatchType
  body: unknown
}

export interface ReadOptions {
  /** e.g. `status`, `layers`, `secrets`. */
  subresource?: string
  resourceVersion?: string
  resourceVersionMatch?: 'Exact' | 'NotOlderThan'
  /** For image stream tags: as it was then (RFC 3339, or an age such as -5h). */
  at?: string
}

export interface ListOptions {
  labelSelector?: string
  fieldSelector?: string
  limit?: number
  continue?: string
  resourceVersion?: string
  resourceVersionMatch?: 'Exact' | 'NotOlderThan'
}

export interface WatchOptions {
  labelSelector?: string
  fieldSelector?: string
  /** Absent: ADDED for everything that exists, then what follows. */
  resourceVersion?: string
  resourceVersionMatch?: 'Exact' | 'NotOlderThan'
  sendInitialEvents?: boolean
  allowWatchBookmarks?: boolean
  timeoutSeconds?: number
  signal?: AbortSignal
  /** Hears of events after those who can't: controllers, whose work would hold up what goes to clients. */
  canWait?: boolean
}

/** For the record of who did what and why, when a part of the system writes: never for a right, never from outside. */
export interface OnRecord {
  /** Name of the user whose doing this is. */
  onBehalfOf?: string
  /** Why tags move by it, where that isn't what the resource says by itself. */
  cause?: TagEventCause
}

export interface WriteOptions extends OnRecord {
  subresource?: string
  dryRun?: boolean
  fieldManager?: string
  fieldValidation?: 'Ignore' | 'Warn' | 'Strict'
  /** For server-side apply. */
  force?: boolean
}

export interface DeleteOptions extends OnRecord {
  dryRun?: boolean
  preconditions?: { uid?: string; resourceVersion?: string }
  propagationPolicy?: string
  gracePeriodSeconds?: number
}

export type WatchEvent<T extends KubeObject = KubeObject> =
  | { type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'; object: T }
  | { type: 'ERROR'; object: Status }

export interface Client {
  get<T extends KubeObject>(kind: Kind<T>, namespace: string, name: string, options?: ReadOptions): Promise<T>
  /** namespace '' lists all namespaces (or a cluster-scoped kind). */
  list<T extends KubeObject>(kind: Kind<T>, namespace: string, options?: ListOptions): Promise<KubeList<T>>
  watch<T extends KubeObject>(
    kind: Kind<T>,
    namespace: string,
    options?: WatchOptions,
  ): AsyncIterable<WatchEvent<T>>
  /** The answer is of the same kind, or whatever the resource answers (a Status for imagestreammappings). */
  create<T extends KubeObject>(
    kind: Kind<T>,
    namespace: string,
    object: T,
    options?: WriteOptions & { name?: string },
  ): Promise<T>
  update<T extends KubeObject>(
    kind: Kind<T>,
    namespace: string,
    object: T,
    options?: WriteOptions,
  ): Promise<T>
  patch<T extends KubeObject>(
    kind: Kind<T>,
    namespace: string,
    name: string,
    patch: Patch,
    options?: WriteOptions,
  ): Promise<T>
  delete(kind: Kind, namespace: string, name: string, options?: DeleteOptions): Promise<Status | KubeObject>
  deleteCollection<T extends KubeObject>(
    kind: Kind<T>,
    namespace: string,
    selectors?: ListOptions,
    options?: DeleteOptions,
  ): Promise<KubeList<T>>
}
