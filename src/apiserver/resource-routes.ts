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
  requireScope(endpoint, info)
  if (endpoint.kind.deprecation !== undefined) addWarnings(request.reply, [endpoint.kind.deprecation])
  const handler = handlers[verb]
  if (handler === undefined) throw methodNotAllowed()
  await handler(request, info, endpoint, deps)
}

/** A namespaced object has a namespace in its URL, a cluster-scoped one has none. */
function requireScope({ kind }: Endpoint, { namespace, name, verb, resource }: ResourceRequest): void {
  if (resource === 'namespaces') return
  if (!kind.namespaced && namespace !== '') throw pathNotFound()
  if (!kind.namespaced || namespace !== '') return
  const acrossNamespaces = name === '' && ['list', 'watch', 'create'].includes(verb)
  if (!acrossNamespaces) throw name === '' ? methodNotAllowed() : pathNotFound()
}
