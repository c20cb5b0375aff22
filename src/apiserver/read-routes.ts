import { methodNotAllowed } from '../machinery/errors.ts'
import { parseListOptions } from '../machinery/index.ts'
import { listForm } from './list-form.ts'
import { isStatus, negotiateList, negotiateObject, representList, representObject } from './represent.ts'
import type { ResourceHandler } from './resource-routes.ts'
import { isPlainJson, sendJson, sendObject } from './respond.ts'
import { sendPages } from './send-pages.ts'

export const serveGet: ResourceHandler = async (request, info, endpoint, deps) => {
  if (endpoint.get === undefined) throw methodNotAllowed()
  const { raw, reply, query, subject } = request
  const wanted = negotiateObject(raw.headers.accept)
  const { namespace, name } = info
  const asked = {
    caller: subject,
    namespace: scopeOf(info.resource, namespace),
    name,
    ...(info.subresource === '' ? {} : { selectors: parseListOptions(query) }),
    ...(query.get('at') ? { at: query.get('at') as string } : {}),
  }
  if (endpoint.ready?.get === endpoint.get && isPlainJson(raw, wanted)) {
    return sendJson(raw, reply, (await endpoint.ready.show(asked)).json)
  }
  const object = await endpoint.get(asked)
  const options = { wanted, includeObject: query.get('includeObject'), now: deps.clock() }
  sendObject(raw, reply, 200, representObject(endpoint.kind, object, options), wanted)
}

export const serveList: ResourceHandler = async (request, info, endpoint, deps) => {
  if (endpoint.list === undefined) throw methodNotAllowed()
  const { raw, reply, query, subject } = request
  const wanted = negotiateList(raw.headers.accept)
  const asked = { caller: subject, namespace: info.namespace, options: parseListOptions(query) }
  const form = { wanted, includeObject: query.get('includeObject'), now: deps.clock() }
  if (endpoint.ready?.list === endpoint.list && wanted.format === 'json') {
    const written = listForm(endpoint.kind, raw, form)
    return sendPages(raw, reply, written, await written.read(endpoint.ready, asked))
  }
  const list = await endpoint.list(asked)
  if (isStatus(list)) return sendObject(raw, reply, 200, list, wanted)
  sendObject(raw, reply, 200, representList(endpoint.kind, list, form), wanted)
}

/** Namespaces are cluster-scoped though their URL makes them look namespaced in themselves. */
export function scopeOf(resource: string, namespace: string): string {
  return resource === 'namespaces' ? '' : namespace
}
