import { type ApiResource, type Rest, resourcePath } from '../../client/index.ts'
import type { KubeObject } from '../../machinery/object.ts'

export const rbacGroup = 'rbac.authorization.k8s.io'

export interface RbacSubject {
  kind: string
  apiGroup?: string
  name: string
  namespace?: string
}

export interface RoleRef {
  apiGroup: string
  kind: string
  name: string
}

export interface RoleBinding extends KubeObject {
  subjects?: RbacSubject[] | null
  roleRef: RoleRef
}

export function bindingResource(cluster: boolean): ApiResource {
  const kind = cluster ? 'ClusterRoleBinding' : 'RoleBinding'
  return {
    group: rbacGroup,
    version: 'v1',
    plural: `${kind.toLowerCase()}s`,
    singular: kind.toLowerCase(),
    shortNames: [],
    kind,
    namespaced: !cluster,
    verbs: [],
    categories: [],
  }
}

export async function listBindings(rest: Rest, cluster: boolean, namespace: string): Promise<RoleBinding[]> {
  const path = resourcePath(bindingResource(cluster), namespace)
  const list = await rest.json<{ items?: RoleBinding[] | null }>({ method: 'GET', path })
  return list.items ?? []
}

/** `system:serviceaccount:ns:name` is a service account, whatever word it was given by. */
export function userSubject(name: string): RbacSubject {
  const match = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(name)
  if (match !== null)
    return { kind: 'ServiceAccount', namespace: match[1] as string, name: match[2] as string }
  return { kind: 'User', apiGroup: rbacGroup, name }
}

export function groupSubject(name: string): RbacSubject {
  return { kind: 'Group', apiGroup: rbacGroup, name }
}

export function sameSubject(a: RbacSubject, b: RbacSubject, namespace: string): boolean {
  if (a.kind !== b.kind || a.name !== b.name) return false
  return a.kind !== 'ServiceAccount' || (a.namespace || namespace) === (b.namespace || namespace)
}

export function sameRole(a: RoleRef, b: RoleRef): boolean {
  return a.kind === b.kind && a.name === b.name
}
