import { apiVersionOf, type Kind, type Subresource } from './kind.ts'

/** Discovery documents, made from the kinds alone (image-api.md §1, cli.md §20.1). All are plain JSON. */

export interface ApiVersions {
  kind: 'APIVersions'
  versions: string[]
}

export interface GroupVersion {
  groupVersion: string
  version: string
}

export interface ApiGroup {
  name: string
  versions: GroupVersion[]
  preferredVersion: GroupVersion
}

export interface ApiGroupDocument extends ApiGroup {
  kind: 'APIGroup'
  apiVersion: 'v1'
}

export interface ApiGroupList {
  kind: 'APIGroupList'
  apiVersion: 'v1'
  groups: ApiGroup[]
}

export interface ApiResource {
  /** `imagestreams`, or `imagestreams/layers`. */
  name: string
  /** '' for subresources. */
  singularName: string
  namespaced: boolean
  group?: string
  version?: string
  kind: string
  verbs: readonly string[]
  shortNames?: readonly string[]
  categories?: readonly string[]
  storageVersionHash?: string
}

export interface ApiResourceList {
  kind: 'APIResourceList'
  apiVersion: 'v1'
  groupVersion: string
  resources: ApiResource[]
}

/** Of `/api`. */
export function apiVersions(kinds: readonly Kind[]): ApiVersions {
  return { kind: 'APIVersions', versions: versionsOf(kinds, '') }
}

/** Of `/apis`: groups in the order of the kinds, which decides who wins where a plural is ambiguous. */
export function apiGroupList(kinds: readonly Kind[]): ApiGroupList {
  return {
    kind: 'APIGroupList',
    apiVersion: 'v1',
    groups: groupNames(kinds).map((name) => groupOf(kinds, name)),
  }
}

/** Of `/apis/<group>`; undefined for a group that is not served. */
export function apiGroup(kinds: readonly Kind[], group: string): ApiGroupDocument | undefined {
  if (!groupNames(kinds).includes(group)) return undefined
  return { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(kinds, group) }
}

/** Of `/api/v1` and `/apis/<group>/<version>`; undefined where nothing is served. */
export function apiResourceList(
  kinds: readonly Kind[],
  group: string,
  version: string,
): ApiResourceList | undefined {
  const own = kindsOf(kinds, group, version)
  if (own.length === 0) return undefined
  const resources = own.flatMap((kind) => [
    toResource(kind),
    ...kind.subresources.map((sub) => toSubresource(kind, sub)),
  ])
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: apiVersionOf({ group, version }),
    resources: resources.sort((a, b) => compare(a.name, b.name)),
  }
}

/** Groups other than core, each once, in the order of the kinds. */
export function groupNames(kinds: readonly Kind[]): string[] {
  return [...new Set(kinds.map((kind) => kind.group))].filter((group) => group !== '')
}

/** Versions of a group, in the order of the kinds: the first is preferred. */
export function versionsOf(kinds: readonly Kind[], group: string): string[] {
  return [...new Set(kinds.filter((kind) => kind.group === group).map((kind) => kind.version))]
}

/** Kinds of a group version by their plural. */
export function kindsOf(kinds: readonly Kind[], group: string, version: string): Kind[] {
  return kinds
    .filter((kind) => kind.group === group && kind.version === version)
    .sort((a, b) => compare(a.plural, b.plural))
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function groupOf(kinds: readonly Kind[], name: string): ApiGroup {
  const versions = versionsOf(kinds, name).map((version) => ({
    groupVersion: apiVersionOf({ group: name, version }),
    version,
  }))
  return { name, versions, preferredVersion: versions[0] as GroupVersion }
}

function toResource(kind: Kind): ApiResource {
  return {
    name: kind.plural,
    singularName: kind.singular,
    namespaced: kind.namespaced,
    kind: kind.kind,
    verbs: kind.verbs,
    ...namesOf(kind),
    ...(kind.storageVersionHash === undefined ? {} : { storageVersionHash: kind.storageVersionHash }),
  }
}

function toSubresource(kind: Kind, sub: Subresource): ApiResource {
  return {
    name: `${kind.plural}/${sub.name}`,
    singularName: '',
    namespaced: kind.namespaced,
    ...(sub.group === undefined ? {} : { group: sub.group }),
    ...(sub.version === undefined ? {} : { version: sub.version }),
    kind: sub.kind,
    verbs: sub.verbs,
  }
}

/** Short names and categories, which are left out where there are none. */
export function namesOf(kind: Kind): Pick<ApiResource, 'shortNames' | 'categories'> {
  return {
    ...(kind.shortNames.length === 0 ? {} : { shortNames: kind.shortNames }),
    ...(kind.categories.length === 0 ? {} : { categories: kind.categories }),
  }
}
