import { badRequest, conflict, methodNotAllowed } from '../machinery/errors.ts'
import { parsePatchType, parseWriteOptions } from '../machinery/index.ts'
import type { Kind } from '../machinery/kind.ts'
import type { KubeObject } from '../machinery/object.ts'
import { requireAllowed, resourceAction } from '../resources/authorized.ts'
import { decodeBody, type FieldValidation } from '../resources/decode-body.ts'
import type { Endpoint } from '../resources/endpoint.ts'
import { patchRequest } from '../resources/patch-request.ts'
import type { ApiRequest, ApiServerDeps } from './api-server.ts'
import { managerOf } from './manager-of.ts'
import { readBody, requireFields } from './read-body.ts'
import { readPatch } from './read-patch.ts'
import { scopeOf } from './read-routes.ts'
import { isStatus, negotiateObject, representObject } from './represent.ts'
import type { ResourceRequest } from './request-info.ts'
import type { ResourceHandler } from './resource-routes.ts'
import { addWarnings, sendObject } from './respond.ts'

export const serveCreate: ResourceHandler = async (request, info, endpoint, deps) => {
  if (endpoint.create === undefined || (info.name !== '' && info.subresource === '')) throw methodNotAllowed()
  if (endpoint.kind.namespaced && info.namespace === '') throw methodNotAllowed()
  const { raw, reply, subject } = request
  const wanted = negotiateObject(raw.headers.accept)
  const { dryRun, fieldValidation, fieldManager } = parseWriteOptions(request.query, 'create')
  const object = decodeRequest(request, endpoint, fieldValidation, deps)
  const namespace = scopeOf(info.resource, info.namespace)
  const created = await endpoint.create({
    caller: subject,
    namespace,
    object,
    dryRun,
    manager: fieldManager ?? managerOf(raw.headers['user-agent']),
    ...(info.name === '' ? {} : { name: info.name }),
  })
  if (isStatus(created)) {
    const { code = 201, ...status } = created
    return sendObject(raw, reply, code, { ...status, code }, wanted)
  }
  if (request.audit !== undefined) request.audit.facts.objectName = created.metadata.name ?? ''
  sendRepresented(request, 201, endpoint.kind, created, deps)
}

export const serveUpdate: ResourceHandler = async (request, info, endpoint, deps) => {
  if (endpoint.update === undefined || info.name === '') throw methodNotAllowed()
  const { dryRun, fieldValidation, fieldManager } = parseWriteOptions(request.query, 'update')
  const next = decodeRequest(request, endpoint, fieldValidation, deps)
  const { name = '', namespace = '' } = next.metadata
  const scope = scopeOf(info.resource, info.namespace)
  if (name !== '' && name !== info.name) {
    throw badRequest(`the name of the object (${name}) does not match the name on the URL (${info.name})`)
  }
  if (namespace !== '' && namespace !== scope) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
  }
  const placed: KubeObject = {
    ...next,
    metadata: { ...next.metadata, name: info.name, ...(scope === '' ? {} : { namespace: scope }) },
  }
  const { object, created } = await endpoint.update({
    caller: request.subject,
    namespace: scope,
    name: info.name,
    transform: (current) => {
      if (endpoint.kind.stored !== false) requireSameUid(placed, current, info)
      return placed
    },
    retryConflicts: false,
    dryRun,
    manager: fieldManager ?? managerOf(request.raw.headers['user-agent']),
  })
  sendRepresented(request, created ? 201 : 200, endpoint.kind, object, deps)
}

/** The uid that a replacement brings is a precondition: of an object that was deleted and made anew it is another. */
function requireSameUid(next: KubeObject, current: KubeObject | undefined, info: ResourceRequest): void {
  const wanted = next.metadata.uid ?? ''
  const found = current?.metadata.uid ?? ''
  if (wanted === '' || wanted === found) return
  const { group, resource, namespace, name } = info
  const why = `Precondition failed: UID in precondition: ${wanted}, UID in object meta: ${found}`
  const key = `/${resource}/${namespace === '' ? '' : `${namespace}/`}${name}`
  throw conflict(
    { group, resource },
    name,
    `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: ${why}`,
  )
}

export const servePatch: ResourceHandler = async (request, info, endpoint, deps) => {
  if (endpoint.update === undefined || info.name === '') throw methodNotAllowed()
  const { raw, reply, query, subject } = request
  const type = parsePatchType(raw.headers['content-type'])
  const options = parseWriteOptions(query, type === 'apply' ? 'apply' : 'patch')
  const { value: body, duplicates } = readPatch(request, type)
  const { group, resource, name } = info
  const namespace = scopeOf(info.resource, info.namespace)
  const { object, created } = await endpoint.update({
    caller: subject,
    namespace,
    name,
    ...patchRequest(
      endpoint,
      { type, body },
      {
        name,
        namespace,
        resource: { group, resource },
        manager: options.fieldManager ?? managerOf(raw.headers['user-agent']),
        force: options.force ?? false,
        validation: options.fieldValidation,
        duplicates,
        clock: deps.clock,
        onWarnings: (warnings) => addWarnings(reply, warnings),
        beforeCreate: async () => {
          const action = resourceAction({ verb: 'create', group, resource, namespace, name })
          await requireAllowed(deps.authorize, subject, action)
        },
      },
    ),
    dryRun: options.dryRun,
  })
  sendRepresented(request, created ? 201 : 200, endpoint.kind, object, deps)
}

function sendRepresented(
  { raw, reply, query }: ApiRequest,
  code: number,
  kind: Kind,
  object: KubeObject,
  deps: ApiServerDeps,
): void {
  const wanted = negotiateObject(raw.headers.accept)
  const options = { wanted, includeObject: query.get('includeObject'), now: deps.clock() }
  sendObject(raw, reply, code, representObject(kind, object, options), wanted)
}

/** The body as an object of the endpoint's kind; adds the warnings to the answer. */
function decodeRequest(
  request: ApiRequest,
  endpoint: Endpoint,
  validation: FieldValidation,
  deps: ApiServerDeps,
): KubeObject {
  const kind = endpoint.bodyKind ?? endpoint.kind
  const { value, duplicates } = readBody(request, kind)
  const fields = requireFields(value, request.body, kind)
  const { object, warnings } = decodeBody(kind, fields, validation, deps.knowsKind, duplicates)
  addWarnings(request.reply, warnings)
  return object
}
