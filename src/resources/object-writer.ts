import { isDeepStrictEqual } from 'node:util'
import {
  ApiError,
  alreadyExists,
  badRequest,
  conflict,
  type GroupResource,
  invalid,
} from '../machinery/errors.ts'
import { generateName, validateObjectMetaUpdate } from '../machinery/index.ts'
import type { Kind } from '../machinery/kind.ts'
import { formatTime, type KubeObject } from '../machinery/object.ts'
import { type Change, type Entry, type Key, type Store, StoreConflictError } from '../store/store.ts'
import { requireActive } from './active-namespace.ts'
import { isHeld } from './delete-object.ts'
import { kindPrefix, objectKey } from './keys.ts'
import { type Marking, markChanges } from './marks.ts'
import { encodeObject, type ObjectCache } from './object-codec.ts'
import type { WriteRequest, WriteStrategy } from './write-strategy.ts'

/**
 * The generic path of every write: plan (prepare, admit, validate: nothing is written), then commit (one or several plans
 * as one revision). Order and errors follow `k8s.io/apiserver/pkg/registry/rest` and image-api.md §2.3.
 */

export interface Plan {
  kind: Kind
  /** What the answer shows; `resourceVersion` is set by the commit. */
  object: KubeObject
  /** Absent: nothing changes, nothing is written. */
  change?: Change
  /** What the change replaces, where that is known. */
  old?: KubeObject
  /** Written in the same commit. */
  alongside?: readonly Change[]
}

export interface ObjectWriter {
  planCreate(strategy: WriteStrategy, object: KubeObject, request: WriteRequest): Promise<Plan>
  planUpdate(strategy: WriteStrategy, next: KubeObject, entry: Entry, request: WriteRequest): Promise<Plan>
  /**
   * Writes all plans or none and resolves to their objects, resourceVersion set. `resource` names the errors: that of the
   * request, whatever the object is (image-api.md §2.2).
   */
  commit(plans: readonly Plan[], resource: GroupResource): Promise<KubeObject[]>
}

export interface WriterDeps {
  store: Store
  cache: ObjectCache
  clock: () => Date
  randomUuid: () => string
  random: () => number
  /** By the kind's prefix of keys. */
  markings: ReadonlyMap<Key, Marking>
  /** 'active' | 'terminating' | 'absent'. */
  namespacePhase(namespace: string): Promise<'active' | 'terminating' | 'absent'>
}

export function createObjectWriter(deps: WriterDeps): ObjectWriter {
  return {
    async planCreate(strategy, object, request) {
      const { kind } = strategy
      const next = stampNew(kind, object, request, deps)
      await requireNamespace(kind, next, request, deps)
      const written = await strategy.create(next, request)
      const { name = '', namespace = '' } = written.metadata
      return {
        kind,
        object: written,
        change: { key: objectKey(kind, namespace, name), value: encodeObject(written), expect: 'absent' },
        ...(await planAlongside(strategy, written, undefined, request)),
      }
    },

    async planUpdate(strategy, next, entry, request) {
      const { kind } = strategy
      const old = deps.cache.decode(entry)
      requireRevision(kind, next, old, request)
      const { managedFields } = request.tracked === true ? next.metadata : old.metadata
      const carried = carryMeta(next, old)
      const written = withManagedFields(await strategy.update(carried, old, request), managedFields)
      const errors = validateObjectMetaUpdate(written.metadata, old.metadata)
      if (errors.length > 0) throw invalid(kind, old.metadata.name ?? '', errors)
      if (isSame(written, old)) return { kind, object: old }
      const gone = written.metadata.deletionTimestamp !== undefined && !isHeld(kind, written)
      return {
        kind,
        object: written,
        old,
        change: { key: entry.key, value: gone ? undefined : encodeObject(written), expect: entry.revision },
        ...(await planAlongside(strategy, gone ? undefined : written, old, request)),
      }
    },

    async commit(plans, resource) {
      const changes = plans.flatMap((plan) =>
        plan.change === undefined
          ? []
          : [plan.change, ...marksOf(plan, plan.change, deps), ...(plan.alongside ?? [])],
      )
      for (const { object, change } of plans) {
        if (change?.value !== undefined) deps.cache.expect(change.key, change.value, object)
      }
      try {
        const revision = changes.length === 0 ? undefined : String(await deps.store.commit(changes))
        return plans.map(({ object, change }) =>
          change === undefined || revision === undefined
            ? object
            : { ...object, metadata: { ...object.metadata, resourceVersion: revision } },
        )
      } catch (error) {
        throw toCommitError(error, plans, resource)
      }
    },
  }
}

function marksOf({ kind, object, old }: Plan, change: Change, { markings }: WriterDeps): Change[] {
  const marking = markings.get(kindPrefix(kind))
  if (marking === undefined) return []
  const before = change.expect === 'absent' ? undefined : (old ?? object)
  return markChanges(marking, change.key, before, change.value === undefined ? undefined : object)
}

/** A dry run looks at what would be written, not at what goes with it. */
export async function planAlongside(
  strategy: WriteStrategy,
  next: KubeObject | undefined,
  old: KubeObject | undefined,
  request: WriteRequest,
): Promise<Pick<Plan, 'alongside'>> {
  if (strategy.alongside === undefined || request.dryRun) return {}
  return { alongside: await strategy.alongside(next, old, request) }
}

function toCommitError(error: unknown, plans: readonly Plan[], resource: GroupResource): unknown {
  if (!(error instanceof StoreConflictError)) return error
  const plan = plans.find((candidate) => candidate.change?.key === error.key)
  const name = plan?.object.metadata.name ?? error.key
  return plan?.change?.expect === 'absent' ? alreadyExists(resource, name) : conflict(resource, name)
}

/** What a POST may not choose is set here (image-api.md §2.3). */
function stampNew(kind: Kind, object: KubeObject, request: WriteRequest, deps: WriterDeps): KubeObject {
  const {
    uid: _uid,
    deletionTimestamp: _deleted,
    deletionGracePeriodSeconds: _grace,
    selfLink: _link,
    resourceVersion,
    managedFields,
    ...sent
  } = object.metadata
  if (resourceVersion !== undefined && resourceVersion !== '') {
    throw new ApiError(500, '', 'resourceVersion should not be set on objects to be created')
  }
  if (kind.namespaced) requireNamespaceOf(object, request.namespace)
  const generated =
    (sent.name ?? '') === '' && (sent.generateName ?? '') !== ''
      ? { name: generateName(sent.generateName as string, deps.random) }
      : {}
  return {
    ...object,
    metadata: {
      ...sent,
      ...generated,
      ...(kind.namespaced ? { namespace: request.namespace } : {}),
      ...(request.tracked === true && managedFields !== undefined ? { managedFields } : {}),
      uid: deps.randomUuid(),
      creationTimestamp: formatTime(request.now),
    },
  }
}

/** A body may name no namespace but that of its URL; 400 otherwise (image-api.md §2.3). */
export function requireNamespaceOf({ metadata }: KubeObject, namespace: string): void {
  if ((metadata.namespace ?? '') === '' || metadata.namespace === namespace) return
  throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
}

async function requireNamespace(
  kind: Kind,
  object: KubeObject,
  request: WriteRequest,
  deps: WriterDeps,
): Promise<void> {
  if (!kind.namespaced) return
  const phase = await deps.namespacePhase(request.namespace)
  requireActive(phase, request.namespace, request.resource, object.metadata.name ?? '')
}

function requireRevision(kind: Kind, next: KubeObject, old: KubeObject, request: WriteRequest): void {
  const seen = next.metadata.resourceVersion ?? ''
  const name = old.metadata.name ?? ''
  if (seen === '' || seen === '0') {
    if (!kind.requiresResourceVersion) return
    // The kind of this one error is printed as the resource (image-api.md §2.3).
    throw invalid({ group: kind.group, kind: kind.plural }, name, [
      {
        type: 'Invalid value',
        field: 'metadata.resourceVersion',
        value: 0,
        detail: 'must be specified for an update',
      },
    ])
  }
  if (seen !== old.metadata.resourceVersion) throw conflict(request.resource, name)
}

/** System fields that a body may leave out, and never changes (rest.BeforeUpdate). */
function carryMeta(next: KubeObject, old: KubeObject): KubeObject {
  const { managedFields: _managed, selfLink: _link, ...sent } = next.metadata
  const { uid, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds, generation, namespace } =
    old.metadata
  const carried = {
    uid,
    creationTimestamp,
    deletionTimestamp,
    deletionGracePeriodSeconds,
    generation,
    namespace,
  }
  const metadata = { ...sent }
  for (const [field, value] of Object.entries(carried)) {
    if (value === undefined) delete (metadata as Record<string, unknown>)[field]
    else if (field === 'uid' && (sent.uid ?? '') !== '') continue
    else Object.assign(metadata, { [field]: value })
  }
  return { ...next, metadata: { ...metadata, resourceVersion: old.metadata.resourceVersion } }
}

function withManagedFields(object: KubeObject, managedFields: unknown[] | undefined): KubeObject {
  if (object.metadata.managedFields === managedFields) return object
  const { managedFields: _before, ...metadata } = object.metadata
  return {
    ...object,
    metadata: { ...metadata, ...(managedFields === undefined ? {} : { managedFields }) },
  }
}

/** When somebody last wrote the same is no difference. */
function isSame(a: KubeObject, b: KubeObject): boolean {
  return isDeepStrictEqual(comparable(a), comparable(b))
}

function comparable({ kind: _kind, apiVersion: _apiVersion, ...rest }: KubeObject): KubeObject {
  const { managedFields } = rest.metadata
  if (managedFields === undefined) return rest
  const timeless = managedFields.map((entry) => ({ ...(entry as object), time: undefined }))
  return { ...rest, metadata: { ...rest.metadata, managedFields: timeless } }
}
