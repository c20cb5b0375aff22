import { groupNames, kindsOf, namesOf, versionsOf } from './discovery.ts'
import type { Kind, Subresource } from './kind.ts'

/** `apidiscovery.k8s.io`: all of `/api` or `/apis` in one document. */

interface ResponseKind {
  group: string
  version: string
  kind: string
}

interface SubresourceDiscovery {
  subresource: string
  responseKind: ResponseKind
  verbs: readonly string[]
}

interface ResourceDiscovery {
  resource: string
  responseKind: ResponseKind
  scope: 'Cluster' | 'Namespaced'
  singularResource: string
  verbs: readonly string[]
  shortNames?: readonly string[]
  categories?: readonly string[]
  subresources?: SubresourceDiscovery[]
}

interface GroupDiscovery {
  metadata: { name?: string }
  versions: { version: string; resources: ResourceDiscovery[]; freshness: 'Current' }[]
}

export interface ApiGroupDiscoveryList {
  kind: 'APIGroupDiscoveryList'
  apiVersion: `apidiscovery.k8s.io/${AggregatedVersion}`
  metadata: Record<string, never>
  items: GroupDiscovery[]
}

/** Both versions have the same shape. */
export type AggregatedVersion = 'v2' | 'v2beta1'

/** Of `/api`: the core group, which has no name. */
export function aggregatedCore(kinds: readonly Kind[], version: AggregatedVersion): ApiGroupDiscoveryList {
  return toList([groupDiscovery(kinds, '')], version)
}

/** Of `/apis`: every other group. */
export function aggregatedGroups(kinds: readonly Kind[], version: AggregatedVersion): ApiGroupDiscoveryList {
  return toList(
    groupNames(kinds).map((group) => groupDiscovery(kinds, group)),
    version,
  )
}

function toList(items: GroupDiscovery[], version: AggregatedVersion): ApiGroupDiscoveryList {
  return { kind: 'APIGroupDiscoveryList', apiVersion: `apidiscovery.k8s.io/${version}`, metadata: {}, items }
}

function groupDiscovery(kinds: readonly Kind[], group: string): GroupDiscovery {
  const versions = versionsOf(kinds, group).map((version) => ({
    version,
    resources: kindsOf(kinds, group, version).map(resourceDiscovery),
    freshness: 'Current' as const,
  }))
  return { metadata: group === '' ? {} : { name: group }, versions }
}

/** Group and version stay empty where they are the list's own. */
function responseKind({
  kind,
  group = '',
  version = '',
}: Partial<ResponseKind> & { kind: string }): ResponseKind {
  return { group, version, kind }
}

function resourceDiscovery(kind: Kind): ResourceDiscovery {
  return {
    resource: kind.plural,
    responseKind: responseKind({ kind: kind.kind }),
    scope: kind.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: kind.singular,
    verbs: kind.verbs,
    ...namesOf(kind),
    ...(kind.subresources.length === 0 ? {} : { subresources: subresources(kind.subresources) }),
  }
}

function subresources(list: readonly Subresource[]): SubresourceDiscovery[] {
  return [...list]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((sub) => ({ subresource: sub.name, responseKind: responseKind(sub), verbs: sub.verbs }))
}
