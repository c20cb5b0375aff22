import type { ApiError, GroupResource } from '../machinery/errors.ts'
import { forbidden, notFound, quote } from '../machinery/errors.ts'
import type { ResourceAction, Subject } from './access.ts'
import { groupMasters } from './access.ts'
import { compareNames } from './compare-names.ts'
import { decide } from './decide.ts'
import { coversPath } from './match-rule.ts'
import type { Policy } from './policy.ts'
import type { PolicyRule, RoleRef } from './rbac-objects.ts'
import { rbacGroup } from './rbac-objects.ts'
import { rulesFor } from './rules-for.ts'

/** Nobody may grant what they do not hold (U-84; Kubernetes "Privilege escalation prevention and bootstrapping"). */

/** Rules of one group, one resource, one verb and at most one name, or one path and one verb. */
function breakDown(rule: PolicyRule): PolicyRule[] {
  const { apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [], verbs } = rule
  const names = resourceNames.length === 0 ? [{}] : resourceNames.map((name) => ({ resourceNames: [name] }))
  const parts: PolicyRule[] = []
  for (const group of apiGroups) {
    for (const resource of resources) {
      for (const verb of verbs) {
        for (const name of names)
          parts.push({ apiGroups: [group], resources: [resource], verbs: [verb], ...name })
      }
    }
  }
  for (const path of nonResourceURLs)
    for (const verb of verbs) parts.push({ nonResourceURLs: [path], verbs: [verb] })
  return parts
}

const hasAll = (held: readonly string[], wanted: readonly string[]) =>
  held.includes('*') || wanted.every((one) => held.includes(one))

function coversResource(held: readonly string[], resource: string): boolean {
  if (held.includes('*') || held.includes(resource)) return true
  const slash = resource.indexOf('/')
  return slash >= 0 && held.includes(`*/${resource.slice(slash + 1)}`)
}

function covers(held: PolicyRule, part: PolicyRule): boolean {
  const heldNames = held.resourceNames ?? []
  const names = part.resourceNames ?? []
  return (
    hasAll(held.verbs, part.verbs) &&
    hasAll(held.apiGroups ?? [], part.apiGroups ?? []) &&
    (part.resources ?? []).every((resource) => coversResource(held.resources ?? [], resource)) &&
    (part.nonResourceURLs ?? []).every((path) =>
      (held.nonResourceURLs ?? []).some((pattern) => coversPath(pattern, path)),
    ) &&
    (heldNames.length === 0 || (names.length > 0 && names.every((name) => heldNames.includes(name))))
  )
}

/** Rules of one resource that differ only in the verb are told as one. */
function compact(parts: readonly PolicyRule[]): PolicyRule[] {
  const paths = parts.filter((part) => part.nonResourceURLs !== undefined)
  const byResource = new Map<string, PolicyRule>()
  for (const part of parts) {
    if (part.nonResourceURLs !== undefined) continue
    const key = JSON.stringify([part.apiGroups, part.resources, part.resourceNames])
    const before = byResource.get(key)
    byResource.set(key, before === undefined ? part : { ...before, verbs: [...before.verbs, ...part.verbs] })
  }
  return [...paths, ...byResource.values()]
}

const quoteList = (texts: readonly string[]) => `[${texts.map(quote).join(' ')}]`

function formatRule(rule: PolicyRule): string {
  const parts: [string, readonly string[] | undefined][] = [
    ['APIGroups', rule.apiGroups],
    ['Resources', rule.resources],
    ['NonResourceURLs', rule.nonResourceURLs],
    ['ResourceNames', rule.resourceNames],
    ['Verbs', rule.verbs],
  ]
  const shown = parts.filter(([, values]) => (values ?? []).length > 0)
  return `{${shown.map(([key, values]) => `${key}:${quoteList(values ?? [])}`).join(', ')}}`
}

/**
 * Why the subject may not hand out these rules in this namespace ('' for the whole cluster); undefined when it
 * holds them all or is in `system:masters`. The text is Kubernetes' own.
 */
export function escalations(
  subject: Subject,
  rules: readonly PolicyRule[],
  namespace: string,
  policy: Policy,
): string | undefined {
  if (subject.groups.includes(groupMasters)) return undefined
  const held = rulesFor(subject, namespace, policy)
  const missing = rules.flatMap(breakDown).filter((part) => !held.rules.some((rule) => covers(rule, part)))
  if (missing.length === 0) return undefined
  const lines = [...new Set(compact(missing).map(formatRule))].sort(compareNames)
  const resolution = held.errors.length === 0 ? '' : `; resolution errors: [${held.errors.join(' ')}]`
  return (
    `user ${quote(subject.name)} (groups=${quoteList(subject.groups)}) ` +
    `is attempting to grant RBAC permissions not currently held:\n${lines.join('\n')}${resolution}`
  )
}

function mayOnRole(
  subject: Subject,
  verb: string,
  role: RoleRef,
  namespace: string,
  policy: Policy,
): boolean {
  const action: ResourceAction = {
    kind: 'resource',
    verb,
    group: rbacGroup,
    resource: role.kind === 'ClusterRole' ? 'clusterroles' : 'roles',
    subresource: '',
    namespace,
    name: role.name,
  }
  return decide(subject, action, policy).allowed
}

/**
 * The error that refuses a (cluster) role binding, or undefined. Who may `bind` the role needs to hold none of it;
 * a role that does not exist cannot be judged and is 404 under the binding's resource (r276). `resource` is the one
 * asked for, so that the flat `authorization.openshift.io` forms tell their own.
 */
export function bindingRefusal(
  subject: Subject,
  binding: { name: string; namespace: string; roleRef: RoleRef },
  policy: Policy,
  resource: GroupResource = {
    group: rbacGroup,
    resource: binding.namespace === '' ? 'clusterrolebindings' : 'rolebindings',
  },
): ApiError | undefined {
  const { roleRef, namespace } = binding
  if (subject.groups.includes(groupMasters) || mayOnRole(subject, 'bind', roleRef, namespace, policy))
    return undefined
  const rules = policy.rulesOf(roleRef, namespace)
  if (rules === undefined) return notFound(resource, roleRef.name)
  const why = escalations(subject, rules, namespace, policy)
  return why === undefined ? undefined : forbidden(resource, binding.name, why)
}

/**
 * The error that refuses a (cluster) role with these rules, or undefined. Who may `escalate` it needs to hold none
 * of them. An aggregated role needs no rules of its own, but only who holds everything may say what is aggregated.
 */
export function roleRefusal(
  subject: Subject,
  role: { name: string; namespace: string; rules: readonly PolicyRule[]; isAggregated: boolean },
  policy: Policy,
): ApiError | undefined {
  const kind = role.namespace === '' ? 'ClusterRole' : 'Role'
  const resource = { group: rbacGroup, resource: `${kind.toLowerCase()}s` }
  const roleRef = { apiGroup: rbacGroup, kind, name: role.name }
  if (
    subject.groups.includes(groupMasters) ||
    mayOnRole(subject, 'escalate', roleRef, role.namespace, policy)
  )
    return undefined
  const why = escalations(subject, role.rules, role.namespace, policy)
  if (why !== undefined) return forbidden(resource, role.name, why)
  if (!role.isAggregated || holdsEverything(subject, policy)) return undefined
  return forbidden(resource, role.name, 'must have cluster-admin privileges to use the aggregationRule')
}

function holdsEverything(subject: Subject, policy: Policy): boolean {
  const all: PolicyRule[] = [
    { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
    { verbs: ['*'], nonResourceURLs: ['*'] },
  ]
  return escalations(subject, all, '', policy) === undefined
}
