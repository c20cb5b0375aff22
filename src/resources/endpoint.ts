import type { Subject } from '../access/access.ts'
import type { DeleteOptions, ListOptions, OnRecord, WatchEvent, WatchOptions } from '../client/client.ts'
import type { Status } from '../machinery/errors.ts'
import type { Kind } from '../machinery/kind.ts'
import type { KubeList, KubeObject, ListMeta } from '../machinery/object.ts'
import type { JoinedPages } from './list-joined.ts'
import type { Shown } from './shown.ts'

/**
 * One resource (or subresource) of the API, as the wire and the in-process client call it. Stored kinds get theirs from
 * the one generic path (stored-endpoint.ts); projections and reviews bring their own. What an endpoint leaves out is
 * not served (405). Errors are ApiErrors. Single objects carry `kind` and `apiVersion`, items of lists don't.
 */
export interface Endpoint {
  readonly kind: Kind
  readonly subresource?: string
  /** What a body must be, when it isn't `kind` (a Scale, an Eviction, …). */
  readonly bodyKind?: Kind
  get?(request: NamedRequest): Promise<KubeObject>
  list?(request: ListRequest): Promise<KubeList | Status>
  /** Rejects for a bad request; what goes wrong later is thrown while iterating. */
  watch?(request: WatchRequest): Promise<AsyncIterable<WatchEvent>>
  create?(request: CreateRequest): Promise<KubeObject | Status>
  update?(request: UpdateRequest): Promise<UpdateResult>
  delete?(request: DeleteRequest): Promise<KubeObject | Status>
  deleteCollection?(request: DeleteCollectionRequest): Promise<KubeList>
  readonly ready?: ReadyForms
}

/**
 * The same answers as of `get` and `list`, ready for the wire. They stand in only for the very functions that they name: who puts
 * another `get` or `list` in an endpoint need not know of them.
 */
export interface ReadyForms {
  readonly get: Endpoint['get']
  readonly list: Endpoint['list']
  show(request: NamedRequest): Promise<Shown>
  pages(request: ListRequest): Promise<ShownPages>
  /** The same as JSON without white space. */
  joined(request: ListRequest): Promise<JoinedPages>
}

/** A list that is read as it is written: a page in memory at a time, all at the revision that `metadata` names. */
export interface ShownPages {
  metadata: ListMeta
  pages: AsyncIterable<readonly Shown[]>
}

export interface ScopedRequest extends OnRecord {
  /** Already authorised for this request. */
  caller: Subject
  /** '' for cluster scope and for all namespaces. */
  namespace: string
}

export interface NamedRequest extends ScopedRequest {
  name: string
  /** Of the query, for the reads of one name that answer with a list. */
  selectors?: ListOptions
  /** Of the query: the object as it was then, where the endpoint knows. */
  at?: string
}

export interface ListRequest extends ScopedRequest {
  options: ListOptions
}

export interface WatchRequest extends ScopedRequest {
  options: WatchOptions
}

export interface CreateRequest extends ScopedRequest {
  /** Decoded and canonical. */
  object: KubeObject
  /** Of the parent, for the create of a subresource. */
  name?: string
  dryRun: boolean
  /** Whom fields belong to (metadata.managedFields), '' for unknown; absent: nobody keeps account. */
  manager?: string
}

export interface UpdateRequest extends NamedRequest {
  /**
   * From what is there to what shall be: a PUT returns its body, a PATCH applies itself. undefined: nothing is there; a
   * PATCH then throws NotFound.
   */
  transform(current: KubeObject | undefined): KubeObject
  /** A lost race is tried again with a fresh `transform`: right for patches, wrong for a PUT that names a revision. */
  retryConflicts: boolean
  dryRun: boolean
  /** Whom fields belong to (metadata.managedFields), '' for unknown; absent: they stay whose they are. */
  manager?: string
  /** A server-side apply: `transform` sets managedFields, and what isn't there is made. */
  apply?: ApplyRequest
}

export interface ApplyRequest {
  /** Asked before a missing object is made; rejects when the caller may not create. */
  beforeCreate(): Promise<void>
}

export interface UpdateResult {
  object: KubeObject
  /** Answered with 201 instead of 200. */
  created: boolean
}

export interface DeleteRequest extends NamedRequest {
  options: DeleteOptions
}

export interface DeleteCollectionRequest extends ScopedRequest {
  selectors: ListOptions
  options: DeleteOptions
}

/** Where an endpoint is served: `image.openshift.io/v1/imagestreams/status`. */
export function endpointPath(group: string, version: string, plural: string, subresource = ''): string {
  return `${group}/${version}/${plural}${subresource === '' ? '' : `/${subresource}`}`
}

export function pathOfEndpoint(endpoint: Endpoint): string {
  const { group, version, plural } = endpoint.kind
  return endpointPath(group, version, plural, endpoint.subresource)
}
