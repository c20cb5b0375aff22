import { createHash } from 'node:crypto'
import type { Subject } from '../access/access.ts'
import type { Image } from '../api/index.ts'
import type { OnRecord } from '../client/client.ts'
import { type FieldError, type GroupResource, invalid } from '../machinery/errors.ts'
import { metaUpdateErrors, validateObjectMeta } from '../machinery/index.ts'
import type { Kind, WriteContext } from '../machinery/kind.ts'
import type { KubeObject } from '../machinery/object.ts'
import type { Change } from '../store/store.ts'

/** What the record of a tag's move says beyond the streams themselves. */
export interface WriteOrigin {
  /** The tag that is written by name; others that move with it follow. */
  tag?: string
  message?: string
  /** Images that are new with the same commit. */
  images?: readonly Image[]
}

export interface WriteRequest extends OnRecord {
  caller: Subject
  namespace: string
  now: Date
  dryRun: boolean
  /** The resource of the HTTP request, which errors of the store name (image-api.md §2.2). */
  resource: GroupResource
  /** The object carries its managedFields: they are kept as they are, not as they were. */
  tracked?: boolean
  origin?: WriteOrigin
}

/**
 * What a kind does to an object before it is written: prepare it, look up what the decision needs, validate. Resolves to
 * the object to write or rejects with an ApiError. The default is made of the kind's pure hooks.
 */
export interface WriteStrategy {
  readonly kind: Kind
  /** What decoding fills in before anything else: it belongs to who writes. */
  defaults?(next: KubeObject, request: WriteRequest): KubeObject
  create(next: KubeObject, request: WriteRequest): Promise<KubeObject>
  update(next: KubeObject, old: KubeObject, request: WriteRequest): Promise<KubeObject>
  /**
   * What else the same commit writes when `old` becomes `next`: `old` is undefined for an object that is new, `next` for one
   * that goes.
   */
  alongside?(
    next: KubeObject | undefined,
    old: KubeObject | undefined,
    request: WriteRequest,
  ): Promise<Change[]>
}

export function writeContext(request: WriteRequest): WriteContext {
  return { now: request.now, userName: request.caller.name, digest: sha256 }
}

function sha256(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`
}

function requireValid(kind: Kind, object: KubeObject, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalid(kind, object.metadata.name ?? '', errors)
}

/** Errors of a new object's metadata, by the rules that all kinds share and the kind's own rule for names. */
export function metaErrors(kind: Kind, object: KubeObject): FieldError[] {
  return validateObjectMeta(object.metadata, {
    namespaced: kind.namespaced,
    nameRule: kind.hooks.validateName,
  })
}

/** Of an update's metadata: those of all kinds and, once more, of the kind itself. */
function updateErrors(kind: Kind, next: KubeObject, old: KubeObject): FieldError[] {
  const { common, own } = metaUpdateErrors(next.metadata, old.metadata, { namespaced: kind.namespaced })
  return [...common, ...own]
}

export function hookStrategy(kind: Kind): WriteStrategy {
  const { hooks } = kind
  return {
    kind,
    defaults: (next, request) => hooks.defaults?.(next, writeContext(request)) ?? next,
    async create(next, request) {
      const prepared = hooks.prepareCreate?.(next, writeContext(request)) ?? next
      requireValid(kind, prepared, [
        ...metaErrors(kind, prepared),
        ...(hooks.validateCreate?.(prepared) ?? []),
      ])
      return prepared
    },
    async update(next, old, request) {
      const prepared = hooks.prepareUpdate?.(next, old, writeContext(request)) ?? next
      requireValid(kind, prepared, [
        ...updateErrors(kind, prepared, old),
        ...(hooks.validateUpdate?.(prepared, old) ?? []),
      ])
      return prepared
    },
  }
}

/** For the `status` subresource: everything but metadata and status stays as it is, unless the kind says otherwise. */
export function statusStrategy(kind: Kind): WriteStrategy {
  const { hooks } = kind
  return {
    kind,
    create: () => Promise.reject(new TypeError(`${kind.plural}/status is never created`)),
    async update(next, old, request) {
      const prepared = hooks.prepareStatusUpdate?.(next, old, writeContext(request)) ?? onlyStatus(next, old)
      requireValid(kind, prepared, [
        ...updateErrors(kind, prepared, old),
        ...(hooks.validateStatusUpdate?.(prepared, old) ?? []),
      ])
      return prepared
    },
  }
}

function onlyStatus(next: KubeObject, old: KubeObject): KubeObject {
  const { status: _old, ...rest } = old as KubeObject & { status?: unknown }
  const { status } = next as KubeObject & { status?: unknown }
  return { ...rest, metadata: next.metadata, ...(status === undefined ? {} : { status }) } as KubeObject
}
