import type { WatchEvent } from '../client/client.ts'
import { ApiError, formatGroupResource, methodNotAllowed } from '../machinery/errors.ts'
import {
  formatFieldSelector,
  mediaTypes,
  type Negotiated,
  parseIncludeObject,
  parseWatchOptions,
  toPartialObject,
  toTable,
} from '../machinery/index.ts'
import type { Kind } from '../machinery/kind.ts'
import { oneSignal } from '../machinery/one-signal.ts'
import type { ApiServerDeps } from './api-server.ts'
import { scopeOf } from './read-routes.ts'
import { negotiateObject } from './represent.ts'
import type { ResourceHandler } from './resource-routes.ts'
import { streamWatch } from './watch-stream.ts'

/** A watch without `timeoutSeconds` ends after a time between this and twice this, as the real server's do. */
const minTimeout = 30 * 60

export const serveWatch: ResourceHandler = async (request, info, endpoint, deps) => {
  if (endpoint.watch === undefined) throw watchNotSupported(info)
  const { raw, reply, query, subject } = request
  const wanted = negotiateObject(raw.headers.accept)
  if (wanted.format === 'yaml') throw notStreamable()
  const options = parseWatchOptions(query)
  const seconds = options.timeoutSeconds || Math.round(minTimeout * (1 + Math.random()))
  using end = oneSignal([deps.draining], seconds * 1000)
  const { signal } = end
  raw.raw.once('close', end.abort)
  reply.raw.once('close', end.abort)
  const { timeoutSeconds: _seconds, ...asked } = options
  const events = await endpoint.watch({
    caller: subject,
    namespace: scopeOf(info.resource, info.namespace),
    options: {
      ...asked,
      ...withName(options.fieldSelector, info.watchPath ? info.name : ''),
      signal,
    },
  })
  request.audit?.started()
  await streamWatch(reply, {
    events,
    toBody: eventWriter(endpoint.kind, wanted, query.get('includeObject'), deps),
    shared: wanted.as === undefined,
    contentType: mediaTypes.json,
    signal,
  })
}

/** YAML has no form for one event after another. */
function notStreamable(): ApiError {
  const streamed = [mediaTypes.json, mediaTypes.protobuf].map((type) => `${type};stream=watch`)
  return new ApiError(
    406,
    'NotAcceptable',
    `only the following media types are accepted: ${streamed.join(', ')}`,
  )
}

function watchNotSupported({ group, resource }: { group: string; resource: string }) {
  const named = formatGroupResource({ group, resource })
  return methodNotAllowed(`watch is not supported on resources of kind "${named}"`, { group, resource })
}

/** `…/watch/…/<name>` is a watch of one name. */
function withName(fieldSelector: string | undefined, name: string): { fieldSelector?: string } {
  if (name === '') return fieldSelector === undefined ? {} : { fieldSelector }
  const pinned = formatFieldSelector([{ field: 'metadata.name', operator: '=', value: name }])
  return { fieldSelector: fieldSelector ? `${fieldSelector},${pinned}` : pinned }
}

function eventWriter(
  kind: Kind,
  wanted: Negotiated,
  includeObject: string | null,
  { clock }: Pick<ApiServerDeps, 'clock'>,
): (event: WatchEvent) => object {
  const apiVersion = `${wanted.group}/${wanted.version}`
  let columns = true
  return (event) => {
    const { type } = event
    if (event.type === 'ERROR' || wanted.as === undefined) return event
    if (wanted.as === 'PartialObjectMetadata')
      return { type, object: toPartialObject(event.object, apiVersion) }
    const { resourceVersion } = event.object.metadata
    const table = toTable(kind, event.type === 'BOOKMARK' ? [] : [event.object], {
      listMeta: resourceVersion === undefined ? {} : { resourceVersion },
      includeObject: parseIncludeObject(includeObject ?? undefined),
      now: clock(),
      columns,
      apiVersion,
    })
    columns = false
    return { type, object: table }
  }
}
