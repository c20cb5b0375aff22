import { quote } from '../machinery/errors.ts'
import type { Subject } from './access.ts'
import { compareNames } from './compare-names.ts'
import type { Policy, SubjectKey } from './policy.ts'
import { subjectKey } from './policy.ts'
import type { PolicyRule, RoleBinding, RoleSubject } from './rbac-objects.ts'

/** What a subject holds, binding by binding: the cluster's first, then the namespace's, each by name. */
export interface Grant {
  binding: RoleBinding
  /** The first of the binding's subjects that means the caller. */
  to: RoleSubject
  /** undefined when the role that the binding names does not exist. */
  rules: readonly PolicyRule[] | undefined
}

function keysOf(subject: Subject): Set<SubjectKey> {
  return new Set([`User:${subject.name}`, ...subject.groups.map((group) => `Group:${group}`)])
}

function grantsIn(keys: Set<SubjectKey>, namespace: string, policy: Policy): Grant[] {
  const bindings = new Set<RoleBinding>()
  for (const key of keys) for (const binding of policy.bindingsOf(namespace, key)) bindings.add(binding)
  const sorted = [...bindings].sort((a, b) => compareNames(a.metadata.name ?? '', b.metadata.name ?? ''))
  return sorted.flatMap((binding) => {
    const to = (binding.subjects ?? []).find((candidate) => keys.has(subjectKey(candidate, namespace) ?? ''))
    return to === undefined ? [] : [{ binding, to, rules: policy.rulesOf(binding.roleRef, namespace) }]
  })
}

/** `namespace` '' gives only what holds for the whole cluster. */
export function grantsOf(subject: Subject, namespace: string, policy: Policy): Grant[] {
  const keys = keysOf(subject)
  const cluster = grantsIn(keys, '', policy)
  return namespace === '' ? cluster : [...cluster, ...grantsIn(keys, namespace, policy)]
}

function describeSubject(to: RoleSubject, bindingNamespace: string): string {
  if (to.kind !== 'ServiceAccount') return `${to.kind} ${quote(to.name)}`
  return `${to.kind} ${quote(`${to.name}/${to.namespace || bindingNamespace}`)}`
}

/** e.g. `RoleBinding "admin/demo" of ClusterRole "admin" to User "alice"` (auth.md §10). */
export function describeGrant({ binding, to }: Grant): string {
  const { name = '', namespace = '' } = binding.metadata
  const described =
    namespace === '' ? `ClusterRoleBinding ${quote(name)}` : `RoleBinding ${quote(`${name}/${namespace}`)}`
  const { roleRef } = binding
  return `${described} of ${roleRef.kind} ${quote(roleRef.name)} to ${describeSubject(to, namespace)}`
}

/** Why a grant gives nothing: e.g. `clusterrole.rbac.authorization.k8s.io "x" not found`. */
export function describeMissingRole({ binding }: Grant): string {
  const { roleRef } = binding
  return `${roleRef.kind.toLowerCase()}.rbac.authorization.k8s.io ${quote(roleRef.name)} not found`
}
