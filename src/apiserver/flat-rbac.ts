import type { RoleRef, RoleSubject } from '../access/index.ts'
import { rbacGroup } from '../access/index.ts'
import type { ObjectReference } from '../api/core/object-reference.ts'
import type {
  ClusterRole,
  OpenshiftClusterRole,
  OpenshiftRoleBinding,
  PolicyRule,
  RoleBinding,
} from '../api/index.ts'

/**
 * Between the kinds of `authorization.openshift.io` and those of `rbac.authorization.k8s.io`, of which they are views. Cluster
 * kinds have the same fields as the namespaced ones.
 */

type FlatRule = NonNullable<OpenshiftClusterRole['rules']>[number]

/** Names that no User or Group object can bear belong to the system. */
const isSystemName = (name: string) => /[:/%\s]/.test(name)

function toFlatSubject({ kind, name, namespace = '' }: RoleSubject): ObjectReference {
  if (kind === 'ServiceAccount') return { kind, namespace, name }
  return { kind: isSystemName(name) ? `System${kind}` : kind, name }
}

function userNameOf({ kind, name, namespace = '' }: RoleSubject): string[] {
  if (kind === 'User') return [name]
  return kind === 'ServiceAccount' ? [`system:serviceaccount:${namespace}:${name}`] : []
}

export function toFlatBinding({ metadata, roleRef, subjects }: RoleBinding): OpenshiftRoleBinding {
  const home = metadata.namespace ?? ''
  const all = (subjects ?? []).map((each) =>
    each.kind === 'ServiceAccount' && !each.namespace ? { ...each, namespace: home } : each,
  )
  return {
    metadata,
    roleRef: roleRef.kind === 'Role' ? { name: roleRef.name, namespace: home } : { name: roleRef.name },
    subjects: all.map(toFlatSubject),
    userNames: all.flatMap(userNameOf),
    groupNames: all.flatMap(({ kind, name }) => (kind === 'Group' ? [name] : [])),
  }
}

const userSubject = (name: string): RoleSubject => {
  const [, namespace, account] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(name) ?? []
  if (namespace !== undefined && account !== undefined)
    return { kind: 'ServiceAccount', namespace, name: account }
  return { kind: 'User', apiGroup: rbacGroup, name }
}

function fromFlatSubject({ kind = '', name = '', namespace = '' }: ObjectReference): RoleSubject {
  if (kind === 'ServiceAccount') return { kind, namespace, name }
  return { kind: kind.replace(/^System/, ''), apiGroup: rbacGroup, name }
}

/** `userNames` and `groupNames` are the older form; where `subjects` says something it says it all. */
function subjectsOf({ subjects, userNames, groupNames }: OpenshiftRoleBinding): RoleSubject[] {
  if ((subjects ?? []).length > 0) return subjects.map(fromFlatSubject)
  const groups = (groupNames ?? []).map((name): RoleSubject => ({ kind: 'Group', apiGroup: rbacGroup, name }))
  return [...(userNames ?? []).map(userSubject), ...groups]
}

/**
 * `subjects` wins over the lists of names where it is given, but a client that changed only the lists of what it had read
 * means them: `before` is what it had read.
 */
export function fromFlatBinding(flat: OpenshiftRoleBinding, before?: OpenshiftRoleBinding): RoleBinding {
  const isSame = (a: unknown, b: unknown) => JSON.stringify(a ?? []) === JSON.stringify(b ?? [])
  const listsOnly =
    before !== undefined &&
    isSame(flat.subjects, before.subjects) &&
    !(isSame(flat.userNames, before.userNames) && isSame(flat.groupNames, before.groupNames))
  const { namespace = '', name = '' } = flat.roleRef
  const roleRef: RoleRef = { apiGroup: rbacGroup, kind: namespace === '' ? 'ClusterRole' : 'Role', name }
  return {
    metadata: flat.metadata,
    roleRef,
    subjects: subjectsOf(listsOnly ? { ...flat, subjects: [] } : flat),
  }
}

function toFlatRule({ verbs, apiGroups = [], resources = [], ...rest }: PolicyRule): FlatRule {
  return { verbs, apiGroups, resources, ...rest }
}

export function toFlatRole({ metadata, rules, aggregationRule }: ClusterRole): OpenshiftClusterRole {
  return {
    metadata,
    rules: rules == null ? rules : rules.map(toFlatRule),
    ...(aggregationRule === undefined ? {} : { aggregationRule }),
  }
}

/** No group means the core group here. A rule with a restriction that nothing here understands grants nothing. */
export function fromFlatRole({ metadata, rules, aggregationRule }: OpenshiftClusterRole): ClusterRole {
  const kept = (rules ?? []).filter(({ attributeRestrictions }) => attributeRestrictions == null)
  return {
    metadata,
    rules: kept.map(({ attributeRestrictions: _none, apiGroups, resources, ...rest }): PolicyRule => {
      const groups = (apiGroups ?? []).length === 0 && (resources ?? []).length > 0 ? [''] : apiGroups
      return {
        ...rest,
        ...((groups ?? []).length === 0 ? {} : { apiGroups: groups }),
        ...((resources ?? []).length === 0 ? {} : { resources }),
      }
    }),
    ...(aggregationRule === undefined ? {} : { aggregationRule }),
  }
}
