/**
 * What a URL asks for (Kubernetes "Authorization Overview": request attributes). Resource paths are
 * `/api/v1/…` and `/apis/<group>/<version>/…`; everything else is a path of its own.
 */

export interface ResourceRequest {
  kind: 'resource'
  verb: string
  group: string
  version: string
  resource: string
  subresource: string
  namespace: string
  /** Of the path; of a list or a watch the one that its field selector leaves. */
  name: string
  /** Asked for at one of the old paths, `/apis/<group>/<version>/watch/…`. */
  watchPath: boolean
  /** Path segments after the subresource: none of ours has any. */
  rest: readonly string[]
}

export interface PathRequest {
  kind: 'path'
  verb: string
  path: string
}

export type RequestInfo = ResourceRequest | PathRequest

const namedVerbs: Record<string, string> = {
  GET: 'get',
  HEAD: 'get',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
}

const namespaceSubresources = new Set(['status', 'finalize'])

/** What the query says about a collection. */
export interface CollectionQuery {
  watch: boolean
  /** The one name that a field selector leaves: who may list one object by its name may do it this way. */
  pinnedName?: string
}

/**
 * `query` matters for collections only: `?watch` beside a name is a plain get. A name that isn't valid percent-encoding
 * stays as it is. The verb of a collection is list, watch, create or deletecollection.
 */
export function parseRequestInfo(
  method: string,
  path: string,
  query: CollectionQuery = { watch: false },
): RequestInfo {
  const segments = path.split('/').filter((segment) => segment !== '')
  const verb = namedVerbs[method] ?? method.toLowerCase()
  const located = locate(segments)
  if (located === undefined) return { kind: 'path', verb: method.toLowerCase(), path }
  const { group, version, watchPath } = located
  const parts = located.parts.map(decodeSegment)

  let namespace = ''
  let rest = parts
  if (parts[0] === 'namespaces' && parts.length > 1) {
    namespace = parts[1] as string
    // `namespaces/x` and `namespaces/x/status` are about the namespace itself; it is namespaced in itself.
    if (parts.length > 2 && !(parts.length === 3 && namespaceSubresources.has(parts[2] as string))) {
      rest = parts.slice(2)
    }
  }
  const [resource = '', named = '', subresource = '', ...more] = rest
  const isRead = verb === 'get' && named === ''
  const name = isRead ? (query.pinnedName ?? '') : named
  return {
    kind: 'resource',
    verb: watchPath && verb === 'get' ? 'watch' : verbOf(verb, named, query.watch),
    watchPath,
    group,
    version,
    resource,
    subresource,
    namespace,
    name,
    rest: more,
  }
}

function verbOf(verb: string, name: string, watch: boolean): string {
  if (name !== '') return verb
  if (verb === 'get') return watch ? 'watch' : 'list'
  if (verb === 'delete') return 'deletecollection'
  return verb
}

function locate(segments: readonly string[]) {
  const [prefix, ...after] = segments
  if (prefix !== 'api' && prefix !== 'apis') return undefined
  const [group, version, ...parts] = prefix === 'api' ? ['', ...after] : after
  if (group === undefined || version === undefined || parts.length === 0) return undefined
  // The old watch paths, /apis/<g>/<v>/watch/…, are still served (image-api.md §16).
  const watchPath = parts[0] === 'watch' && parts.length > 1
  return { group, version, parts: watchPath ? parts.slice(1) : parts, watchPath }
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
