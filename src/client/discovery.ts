import { isApiError } from '../machinery/errors.ts'
import type { Rest } from './rest.ts'

/** What a server serves (cli.md §20.1, Kubernetes "API discovery"). */

export interface ApiResource {
  /** '' for the core group. */
  group: string
  version: string
  plural: string
  singular: string
  shortNames: readonly string[]
  kind: string
  namespaced: boolean
  verbs: readonly string[]
  categories: readonly string[]
}

export interface ApiGroup {
  name: string
  /** The preferred one first. */
  versions: readonly string[]
}

export interface Discovered {
  /** The core group first, then in the server's order. */
  groups: readonly ApiGroup[]
  /** In the order of the groups and of their versions; without subresources. */
  resources: readonly ApiResource[]
}

const aggregated = (version: string) =>
  `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`
const accept = `${aggregated('v2')},${aggregated('v2beta1')},application/json`

interface AggregatedResource {
  resource: string
  responseKind?: { kind?: string }
  scope: string
  singularResource?: string
  verbs?: string[]
  shortNames?: string[]
  categories?: string[]
}

interface PlainResource {
  name: string
  singularName?: string
  namespaced: boolean
  kind: string
  verbs?: string[]
  shortNames?: string[]
  categories?: string[]
}

interface Aggregated {
  kind: 'APIGroupDiscoveryList'
  items?: {
    metadata?: { name?: string }
    versions?: { version: string; resources?: AggregatedResource[] }[]
  }[]
}
interface ApiVersions {
  kind: 'APIVersions'
  versions?: string[]
}
interface ApiGroupList {
  kind: 'APIGroupList'
  groups?: { name: string; versions?: { version: string }[]; preferredVersion?: { version: string } }[]
}

function fromAggregated(list: Aggregated): Discovered {
  const items = list.items ?? []
  const groups = items.map((item) => ({
    name: item.metadata?.name ?? '',
    versions: (item.versions ?? []).map((v) => v.version),
  }))
  const resources = items.flatMap((item) =>
    (item.versions ?? []).flatMap((version) =>
      (version.resources ?? []).map((r) => ({
        group: item.metadata?.name ?? '',
        version: version.version,
        plural: r.resource,
        singular: r.singularResource || (r.responseKind?.kind ?? '').toLowerCase(),
        shortNames: r.shortNames ?? [],
        kind: r.responseKind?.kind ?? '',
        namespaced: r.scope === 'Namespaced',
        verbs: r.verbs ?? [],
        categories: r.categories ?? [],
      })),
    ),
  )
  return { groups, resources }
}

async function readGroupVersion(rest: Rest, group: string, version: string): Promise<ApiResource[]> {
  const path = group === '' ? `/api/${version}` : `/apis/${group}/${version}`
  try {
    const list = await rest.json<{ resources?: PlainResource[] }>({
      method: 'GET',
      path,
      accept: 'application/json, */*',
    })
    return (list.resources ?? [])
      .filter((r) => !r.name.includes('/'))
      .map((r) => ({
        group,
        version,
        plural: r.name,
        singular: r.singularName || r.kind.toLowerCase(),
        shortNames: r.shortNames ?? [],
        kind: r.kind,
        namespaced: r.namespaced,
        verbs: r.verbs ?? [],
        categories: r.categories ?? [],
      }))
  } catch (error) {
    // One group that is down must not hide the others.
    if (isApiError(error) && error.code !== 401) return []
    throw error
  }
}

async function readPlain(rest: Rest, groups: ApiGroup[]): Promise<Discovered> {
  const pairs = groups.flatMap((group) => group.versions.map((version) => ({ group: group.name, version })))
  const lists = await Promise.all(pairs.map((pair) => readGroupVersion(rest, pair.group, pair.version)))
  return { groups, resources: lists.flat() }
}

async function readRoot(rest: Rest, path: '/api' | '/apis'): Promise<Discovered> {
  const answer = await rest.json<Aggregated | ApiVersions | ApiGroupList>({
    method: 'GET',
    path,
    query: { timeout: '32s' },
    accept,
  })
  if (answer.kind === 'APIGroupDiscoveryList') return fromAggregated(answer)
  if (answer.kind === 'APIVersions') return readPlain(rest, [{ name: '', versions: answer.versions ?? [] }])
  const groups = (answer.groups ?? []).map(({ name, versions = [], preferredVersion }) => {
    const first = preferredVersion?.version
    const others = versions.map((v) => v.version).filter((v) => v !== first)
    return { name, versions: first === undefined ? others : [first, ...others] }
  })
  return readPlain(rest, groups)
}

/** Asks the server; `/api` may be missing, `/apis` may not. */
export async function discover(rest: Rest): Promise<Discovered> {
  const core = readRoot(rest, '/api').catch((error: unknown): Discovered => {
    if (isApiError(error) && error.code === 404) return { groups: [], resources: [] }
    throw error
  })
  const [first, second] = await Promise.all([core, readRoot(rest, '/apis')])
  return { groups: [...first.groups, ...second.groups], resources: [...first.resources, ...second.resources] }
}
