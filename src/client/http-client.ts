import { badRequest } from '../machinery/errors.ts'
import type { Kind } from '../machinery/kind.ts'
import type { KubeList, KubeObject } from '../machinery/object.ts'
import type {
  Client,
  DeleteOptions,
  ListOptions,
  Patch,
  PatchType,
  ReadOptions,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from './client.ts'
import { resourcePath } from './resource-name.ts'
import { createRest, type Query, type Rest, type RestOptions } from './rest.ts'
import { createTransport, type TransportOptions } from './transport.ts'
import { readLines } from './watch-lines.ts'

export interface HttpClientOptions
  extends TransportOptions,
    Pick<RestOptions, 'userAgent' | 'authorization' | 'impersonate' | 'timeout' | 'onWarning' | 'trace'> {
  /** A bearer token; `authorization` goes before it. */
  token?: string
}

/** A {@link Client} over HTTP; `rest` is its lower level, for raw paths. Dispose it to close its connections. */
export interface HttpClient extends Client, Disposable {
  readonly rest: Rest
}

export const patchContentTypes: Record<PatchType, string> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
}

function pathOf(
  kind: Pick<Kind, 'group' | 'version' | 'plural' | 'namespaced'>,
  namespace: string,
  name?: string,
  subresource?: string,
): string {
  return resourcePath(kind, namespace, name, subresource)
}

function writeQuery(options: WriteOptions = {}): Query {
  return {
    dryRun: options.dryRun === true ? 'All' : undefined,
    fieldManager: options.fieldManager,
    fieldValidation: options.fieldValidation,
    force: options.force,
  }
}

function listQuery(options: ListOptions = {}): Query {
  const { labelSelector, fieldSelector, limit, resourceVersion, resourceVersionMatch } = options
  return {
    labelSelector,
    fieldSelector,
    limit,
    continue: options.continue,
    resourceVersion,
    resourceVersionMatch,
  }
}

function deleteBody(options: DeleteOptions = {}): Record<string, unknown> {
  const { preconditions, propagationPolicy, gracePeriodSeconds, dryRun } = options
  return {
    kind: 'DeleteOptions',
    apiVersion: 'v1',
    preconditions,
    propagationPolicy,
    gracePeriodSeconds,
    dryRun: dryRun === true ? ['All'] : undefined,
  }
}

function nameOf(object: KubeObject): string {
  const { name } = object.metadata
  if (name === undefined || name === '') throw badRequest('the object has no name')
  return name
}

/** The events of a watch, until it ends, fails or is aborted. */
export async function* watchEvents<T extends KubeObject>(
  rest: Rest,
  path: string,
  query: Query,
  options: { accept?: string; signal?: AbortSignal } = {},
): AsyncGenerator<WatchEvent<T>> {
  const signal = options.signal
  try {
    const response = await rest.stream({ method: 'GET', path, query: { ...query, watch: true }, ...options })
    for await (const line of readLines(response.body)) yield JSON.parse(line) as WatchEvent<T>
  } catch (error) {
    if (signal?.aborted !== true) throw error
  }
}

export function createClientFromRest(rest: Rest): Client {
  const json = <T>(method: string, path: string, query: Query, body?: unknown, contentType?: string) =>
    rest.json<T>({ method, path, query, body, ...(contentType === undefined ? {} : { contentType }) })
  return {
    get: <T extends KubeObject>(
      kind: Kind<T>,
      namespace: string,
      name: string,
      options: ReadOptions = {},
    ) => {
      const { resourceVersion, resourceVersionMatch } = options
      return json<T>('GET', pathOf(kind, namespace, name, options.subresource), {
        resourceVersion,
        resourceVersionMatch,
      })
    },
    list: <T extends KubeObject>(kind: Kind<T>, namespace: string, options?: ListOptions) =>
      json<KubeList<T>>('GET', pathOf(kind, namespace), listQuery(options)),
    watch: <T extends KubeObject>(kind: Kind<T>, namespace: string, options: WatchOptions = {}) => {
      const { signal, ...query } = options
      return watchEvents<T>(
        rest,
        pathOf(kind, namespace),
        { ...query },
        signal === undefined ? {} : { signal },
      )
    },
    create: (kind, namespace, object, options = {}) => {
      const path = pathOf(kind, namespace, options.name, options.subresource)
      return json('POST', path, writeQuery(options), object)
    },
    update: (kind, namespace, object, options = {}) => {
      const path = pathOf(kind, namespace, nameOf(object), options.subresource)
      return json('PUT', path, writeQuery(options), object)
    },
    patch: (kind, namespace, name, patch: Patch, options = {}) => {
      const path = pathOf(kind, namespace, name, options.subresource)
      return json('PATCH', path, writeQuery(options), patch.body, patchContentTypes[patch.type])
    },
    delete: (kind, namespace, name, options) =>
      json('DELETE', pathOf(kind, namespace, name), {}, deleteBody(options)),
    deleteCollection: <T extends KubeObject>(
      kind: Kind<T>,
      namespace: string,
      selectors?: ListOptions,
      options?: DeleteOptions,
    ) => json<KubeList<T>>('DELETE', pathOf(kind, namespace), listQuery(selectors), deleteBody(options)),
  }
}

/** Connects to nothing yet; every method's errors are ApiError or TransportError. */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const transport = createTransport(options)
  const { token } = options
  const rest = createRest({
    ...options,
    transport,
    ...(token === undefined || options.authorization !== undefined
      ? {}
      : { authorization: () => Promise.resolve(`Bearer ${token}`) }),
  })
  return { ...createClientFromRest(rest), rest, [Symbol.dispose]: () => transport[Symbol.dispose]() }
}
