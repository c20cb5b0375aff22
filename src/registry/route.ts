import { parseRepositoryName, type RepositoryName } from '../oci/index.ts'

/** What a path names (registry.md §3). References, digests and ids are as the client wrote them, percent-decoded once. */
export type Route =
  | { kind: 'health' }
  | { kind: 'token' }
  | { kind: 'ping' }
  | { kind: 'catalog' }
  | { kind: 'tags'; name: RepositoryName }
  | { kind: 'manifest'; name: RepositoryName; reference: string }
  | { kind: 'blob'; name: RepositoryName; digest: string }
  | { kind: 'uploads'; name: RepositoryName }
  | { kind: 'upload'; name: RepositoryName; id: string }
  | { kind: 'tag-history'; name: RepositoryName; tag: string }
  | { kind: 'referrers'; name: RepositoryName; digest: string }
  | { kind: 'signatures'; name: RepositoryName; digest: string }
  | { kind: 'metrics' }
  | { kind: 'admin-blob'; digest: string }
  | { kind: 'admin-removals' }

export type RouteKind = Route['kind']

const methods: Record<RouteKind, readonly string[]> = {
  health: ['GET', 'HEAD'],
  token: ['GET'],
  ping: ['GET', 'HEAD'],
  catalog: ['GET', 'HEAD'],
  tags: ['GET', 'HEAD'],
  manifest: ['DELETE', 'GET', 'HEAD', 'PUT'],
  blob: ['DELETE', 'GET', 'HEAD'],
  uploads: ['POST'],
  upload: ['DELETE', 'GET', 'HEAD', 'PATCH', 'PUT'],
  'tag-history': ['GET', 'HEAD'],
  referrers: ['GET', 'HEAD'],
  signatures: ['GET', 'PUT'],
  metrics: ['GET', 'HEAD'],
  'admin-blob': ['DELETE'],
  'admin-removals': ['POST'],
}

/** What `Allow` lists on a 405. */
export function allowedMethods(kind: RouteKind): readonly string[] {
  return methods[kind]
}

/** An upload's id in a URL; wider than what we issue. */
const idShape = /^[a-zA-Z0-9\-_.=]+$/

const fixed: Readonly<Record<string, Route>> = {
  '/': { kind: 'health' },
  '/healthz': { kind: 'health' },
  '/v2': { kind: 'ping' },
  '/v2/': { kind: 'ping' },
  '/v2/_catalog': { kind: 'catalog' },
  '/extensions/v2/metrics': { kind: 'metrics' },
  '/admin/removals': { kind: 'admin-removals' },
}

/** undefined for what is no route. Takes the raw path, still percent-encoded, without the query. */
export function parseRoute(path: string): Route | undefined {
  const known = fixed[path]
  if (known !== undefined) return known
  if (path.startsWith('/openshift/token')) return { kind: 'token' }
  const segments = decodeSegments(path)
  if (segments === undefined) return undefined
  if (segments[0] === 'v2') return parseRepositoryRoute(segments.slice(1))
  if (segments[0] === 'extensions' && segments[1] === 'v2') return parseExtension(segments.slice(2))
  const [admin, blobs, digest = '', ...more] = segments
  if (admin !== 'admin' || blobs !== 'blobs' || digest === '' || more.length > 0) return undefined
  return { kind: 'admin-blob', digest }
}

/**
 * The parts of a path, each decoded exactly once. A part in which decoding uncovers a slash, a control character or a
 * broken escape names nothing, so no later layer sees another path than this one.
 */
function decodeSegments(path: string): string[] | undefined {
  if (!path.startsWith('/')) return undefined
  const parts = path.slice(1).split('/')
  if (!path.includes('%')) return parts
  try {
    const decoded = parts.map(decodeURIComponent)
    return decoded.some((part) => /[/\\\p{Cc}]/u.test(part)) ? undefined : decoded
  } catch {
    return undefined
  }
}

function parseRepositoryRoute(segments: readonly string[]): Route | undefined {
  const last = segments.at(-1) ?? ''
  const before = segments.at(-2)
  const named = (count: number): RepositoryName | undefined =>
    parseRepositoryName(segments.slice(0, -count).join('/'))
  if (before === 'tags' && last === 'list') return withName(named(2), (name) => ({ kind: 'tags', name }))
  if (before === 'manifests' && last !== '') {
    return withName(named(2), (name) => ({ kind: 'manifest', name, reference: last }))
  }
  if (before === 'tag-history' && segments.at(-3) === '_oci' && last !== '') {
    return withName(named(3), (name) => ({ kind: 'tag-history', name, tag: last }))
  }
  if (before === 'referrers' && last !== '') {
    return withName(named(2), (name) => ({ kind: 'referrers', name, digest: last }))
  }
  if (before === 'blobs' && last === 'uploads')
    return withName(named(2), (name) => ({ kind: 'uploads', name }))
  if (before === 'blobs' && last !== '') {
    return withName(named(2), (name) => ({ kind: 'blob', name, digest: last }))
  }
  if (segments.at(-3) !== 'blobs' || before !== 'uploads') return undefined
  if (last === '') return withName(named(3), (name) => ({ kind: 'uploads', name }))
  return idShape.test(last) ? withName(named(3), (name) => ({ kind: 'upload', name, id: last })) : undefined
}

function parseExtension(segments: readonly string[]): Route | undefined {
  const digest = segments.at(-1) ?? ''
  if (segments.at(-2) !== 'signatures' || digest === '') return undefined
  const name = parseRepositoryName(segments.slice(0, -2).join('/'))
  return withName(name, (found) => ({ kind: 'signatures', name: found, digest }))
}

function withName(
  name: RepositoryName | undefined,
  make: (name: RepositoryName) => Route,
): Route | undefined {
  return name === undefined ? undefined : make(name)
}
