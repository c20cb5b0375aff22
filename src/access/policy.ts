import { compareNames } from './compare-names.ts'
import type { ClusterRole, PolicyRule, Role, RoleBinding, RoleRef, RoleSubject } from './rbac-objects.ts'

/** The roles and bindings that decisions read, indexed by subject so that a decision costs what the caller holds. */

export interface PolicyObjects {
  clusterRoles: readonly ClusterRole[]
  clusterRoleBindings: readonly RoleBinding[]
  roles: readonly Role[]
  roleBindings: readonly RoleBinding[]
}

export type PolicyKind = keyof PolicyObjects

/** `User:<name>` or `Group:<name>`; a ServiceAccount subject counts as the user that its token names (U-1). */
export type SubjectKey = string

export interface Policy {
  /** undefined when the role does not exist. */
  rulesOf(roleRef: RoleRef, namespace: string): readonly PolicyRule[] | undefined
  /** Bindings with this subject, in no order. `namespace` '' means the cluster's. */
  bindingsOf(namespace: string, key: SubjectKey): Iterable<RoleBinding>
  /** All bindings of a namespace, of the cluster when '', by name. */
  bindingsIn(namespace: string): readonly RoleBinding[]
}

export interface PolicyIndex extends Policy {
  /** Adds or replaces by namespace and name. */
  put(kind: PolicyKind, object: ClusterRole | RoleBinding): void
  remove(kind: PolicyKind, namespace: string, name: string): void
}

export function serviceAccountName(namespace: string, name: string): string {
  return `system:serviceaccount:${namespace}:${name}`
}

/** undefined for a subject of no known kind, which matches nobody. */
export function subjectKey(subject: RoleSubject, bindingNamespace: string): SubjectKey | undefined {
  switch (subject.kind) {
    case 'User':
    case 'Group':
      return `${subject.kind}:${subject.name}`
    case 'ServiceAccount': {
      const namespace = subject.namespace || bindingNamespace
      return namespace === '' ? undefined : `User:${serviceAccountName(namespace, subject.name)}`
    }
    default:
      return undefined
  }
}

interface Scope {
  bindings: Map<string, RoleBinding>
  bySubject: Map<SubjectKey, Set<RoleBinding>>
}

function keysOf(binding: RoleBinding): Set<SubjectKey> {
  const namespace = binding.metadata.namespace ?? ''
  const keys = (binding.subjects ?? []).map((subject) => subjectKey(subject, namespace))
  return new Set(keys.filter((key) => key !== undefined))
}

function unlink(scope: Scope, name: string): void {
  const binding = scope.bindings.get(name)
  if (binding === undefined) return
  scope.bindings.delete(name)
  for (const key of keysOf(binding)) {
    const held = scope.bySubject.get(key)
    held?.delete(binding)
    if (held?.size === 0) scope.bySubject.delete(key)
  }
}

function link(scope: Scope, binding: RoleBinding): void {
  scope.bindings.set(binding.metadata.name ?? '', binding)
  for (const key of keysOf(binding)) {
    const held = scope.bySubject.get(key) ?? new Set()
    held.add(binding)
    scope.bySubject.set(key, held)
  }
}

const isBindings = (kind: PolicyKind) => kind === 'clusterRoleBindings' || kind === 'roleBindings'

/** An index over these objects; a change costs what the changed object holds, never what exists. */
export function createPolicy(objects: Partial<PolicyObjects> = {}): PolicyIndex {
  const roles = new Map<string, readonly PolicyRule[]>()
  const scopes = new Map<string, Scope>()

  const scopeOf = (namespace: string): Scope => {
    const scope = scopes.get(namespace) ?? { bindings: new Map(), bySubject: new Map() }
    scopes.set(namespace, scope)
    return scope
  }
  const roleKey = (namespace: string, name: string) => `${namespace}/${name}`

  const index: PolicyIndex = {
    put(kind, object) {
      const { namespace = '', name = '' } = object.metadata
      if (!isBindings(kind)) {
        roles.set(roleKey(namespace, name), (object as Role).rules ?? [])
        return
      }
      const scope = scopeOf(namespace)
      unlink(scope, name)
      link(scope, object as RoleBinding)
    },
    remove(kind, namespace, name) {
      if (!isBindings(kind)) roles.delete(roleKey(namespace, name))
      const scope = isBindings(kind) ? scopes.get(namespace) : undefined
      if (scope === undefined) return
      unlink(scope, name)
      if (scope.bindings.size === 0) scopes.delete(namespace)
    },
    rulesOf: (roleRef, namespace) =>
      roles.get(roleKey(roleRef.kind === 'ClusterRole' ? '' : namespace, roleRef.name)),
    bindingsOf: (namespace, key) => scopes.get(namespace)?.bySubject.get(key) ?? [],
    bindingsIn: (namespace) =>
      [...(scopes.get(namespace)?.bindings.values() ?? [])].sort((a, b) =>
        compareNames(a.metadata.name ?? '', b.metadata.name ?? ''),
      ),
  }
  for (const kind of ['clusterRoles', 'clusterRoleBindings', 'roles', 'roleBindings'] as const) {
    for (const object of objects[kind] ?? []) index.put(kind, object)
  }
  return index
}
