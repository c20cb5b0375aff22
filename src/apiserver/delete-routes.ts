import { methodNotAllowed } from '../machinery/errors.ts'
import { parseDeleteOptions, parseListOptions } from '../machinery/index.ts'
import { apiVersionOf } from '../machinery/kind.ts'
import type { ApiRequest } from './api-server.ts'
import { readBody } from './read-body.ts'
import { scopeOf } from './read-routes.ts'
import { isStatus, negotiateObject, representList } from './represent.ts'
import type { ResourceHandler } from './resource-routes.ts'
import { sendObject } from './respond.ts'

export const serveDelete: ResourceHandler = async (request, info, endpoint) => {
  if (endpoint.delete === undefined || info.name === '') throw methodNotAllowed()
  const { raw, reply, subject } = request
  const wanted = negotiateObject(raw.headers.accept)
  const deleted = await endpoint.delete({
    caller: subject,
    namespace: scopeOf(info.resource, info.namespace),
    name: info.name,
    options: optionsOf(request),
  })
  const body = isStatus(deleted)
    ? deleted
    : {
        ...deleted,
        kind: deleted.kind ?? endpoint.kind.kind,
        apiVersion: deleted.apiVersion ?? apiVersionOf(endpoint.kind),
      }
  sendObject(raw, reply, 200, body, wanted)
}

export const serveDeleteCollection: ResourceHandler = async (request, info, endpoint, deps) => {
  if (endpoint.deleteCollection === undefined) throw methodNotAllowed()
  const { raw, reply, subject, query } = request
  const wanted = negotiateObject(raw.headers.accept)
  const deleted = await endpoint.deleteCollection({
    caller: subject,
    namespace: info.namespace,
    selectors: parseListOptions(query),
    options: optionsOf(request),
  })
  const form = {
    wanted: { format: wanted.format, contentType: wanted.contentType },
    includeObject: null,
    now: deps.clock(),
  }
  sendObject(raw, reply, 200, representList(endpoint.kind, deleted, form), wanted)
}

/** From the body and the query; the body wins. */
function optionsOf(request: ApiRequest) {
  const { body, query } = request
  return parseDeleteOptions(
    query,
    body.length === 0 ? undefined : readBody(request, { kind: 'DeleteOptions' }).value,
  )
}
