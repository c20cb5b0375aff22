import { methodNotAllowed, pathNotFound } from '../machinery/errors.ts'
import { type Endpoint, endpointPath } from '../resources/endpoint.ts'
import type { ApiRequest, ApiServerDeps } from './api-server.ts'
import { serveDelete, serveDeleteCollection } from './delete-routes.ts'
import { serveGet, serveList } from './read-routes.ts'
import type { ResourceRequest } from './request-info.ts'
import { addWarnings, sendPageNotFound } from './respond.ts'
import { serveWatch } from './watch-routes.ts'
import { serveCreate, servePatch, serveUpdate } from './write-routes.ts'

export type ResourceHandler = (
  request: ApiRequest,
  info: ResourceRequest,
  endpoint: Endpoint,
  deps: ApiServerDeps,
) => Promise<void>

const handlers: Readonly<Record<string, ResourceHandler>> = {
  get: serveGet,
  list: serveList,
  watch: serveWatch,
  create: serveCreate,
  update: serveUpdate,
  patch: servePatch,
  delete: serveDelete,
  deletecollection: serveDeleteCollection,
}

/** From a resource URL to the endpoint's verb; 404 and 405 in the forms of image-api.md §2.1. */
export async function serveResource(
  request: ApiRequest,
  info: ResourceRequest,
  deps: ApiServerDeps,
): Promise<void> {
  const { group, version, resource, subresource, rest, verb } = info
  if (!deps.kinds.some((kind) => kind.group === group && kind.version === version)) {
    return sendPageNotFound(request.reply)
  }
  const endpoint = deps.endpoints.get(endpointPath(group, version, resource, subresource))
  if (endpoint === undefined || rest.length > 0) throw pathNotFound()
  if (!hasPath(endpoint, info)) throw pathNotFound()
  if (endpoint.kind.deprecation !== undefined) addWarnings(request.reply, [endpoint.kind.deprecation])
  const handler = handlers[verb]
  if (handler === undefined) throw methodNotAllowed()
  await handler(request, info, endpoint, deps)
}

/**
 * Whether the URL is one of the endpoint's at all: a method that it has not is 405 then, and 404 where it is none. A collection
 * is there for what lists, makes or deletes, a name for what reads or changes one, the old watch paths for what can be watched. A
 * namespaced object has a namespace in its URL, a cluster-scoped one has none; all namespaces together can only be listed.
 */
function hasPath(
  endpoint: Endpoint,
  { namespace, verb, resource, watchPath, ...info }: ResourceRequest,
): boolean {
  const { kind, subresource = '' } = endpoint
  const isCollection = ['list', 'watch', 'deletecollection'].includes(verb) || info.name === ''
  const isInPlace = resource === 'namespaces' || kind.namespaced === (namespace !== '')
  if (watchPath) return endpoint.watch !== undefined && (isInPlace || info.name === '')
  if (subresource !== '') return isInPlace && !isCollection
  if (isCollection && !isInPlace) return kind.namespaced && endpoint.list !== undefined
  if (!isInPlace) return false
  const { get, list, create, update, deleteCollection } = endpoint
  const served = isCollection ? [list, create, deleteCollection] : [get, update, endpoint.delete]
  return served.some((method) => method !== undefined)
}
