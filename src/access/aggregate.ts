import { compareNames } from './compare-names.ts'
import type { ClusterRole, LabelSelector, PolicyRule } from './rbac-objects.ts'

/** ClusterRole aggregation (U-60; Kubernetes "Aggregated ClusterRoles"). */

function matchesExpression(
  labels: Readonly<Record<string, string>>,
  { key, operator, values = [] }: { key: string; operator: string; values?: readonly string[] },
): boolean {
  const value = labels[key]
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    default:
      return false
  }
}

function matchesSelector(selector: LabelSelector, role: ClusterRole): boolean {
  const labels = role.metadata.labels ?? {}
  const wanted = Object.entries(selector.matchLabels ?? {})
  const expressions = selector.matchExpressions ?? []
  return (
    wanted.every(([key, value]) => labels[key] === value) &&
    expressions.every((expression) => matchesExpression(labels, expression))
  )
}

function canonical(rule: PolicyRule): string {
  const { verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule
  return JSON.stringify([verbs, apiGroups, resources, resourceNames, nonResourceURLs])
}

/** The rules that the role should have: those of all roles selected, selector by selector, by name, each once. */
export function aggregateRules(role: ClusterRole, all: readonly ClusterRole[]): PolicyRule[] {
  const rules = new Map<string, PolicyRule>()
  const byName = [...all].sort((a, b) => compareNames(a.metadata.name ?? '', b.metadata.name ?? ''))
  for (const selector of role.aggregationRule?.clusterRoleSelectors ?? []) {
    for (const other of byName) {
      if (other.metadata.name === role.metadata.name || !matchesSelector(selector, other)) continue
      for (const rule of other.rules ?? []) {
        const key = canonical(rule)
        if (!rules.has(key)) rules.set(key, rule)
      }
    }
  }
  return [...rules.values()]
}

export function isSameRules(a: readonly PolicyRule[], b: readonly PolicyRule[]): boolean {
  return a.length === b.length && a.every((rule, i) => canonical(rule) === canonical(b[i] as PolicyRule))
}

/**
 * The roles whose rules must be rewritten, with their new rules, until nothing changes any more: `admin` takes from
 * `edit`, `edit` from `view`. A circle ends too, for rules are only ever collected from what exists.
 */
export function planAggregation(all: readonly ClusterRole[]): ClusterRole[] {
  const current = new Map(all.map((role) => [role.metadata.name ?? '', role]))
  const changed = new Set<string>()
  for (let round = 0; round <= all.length; round++) {
    let settled = true
    for (const [name, role] of current) {
      if (role.aggregationRule == null) continue
      const rules = aggregateRules(role, [...current.values()])
      if (isSameRules(rules, role.rules ?? [])) continue
      current.set(name, { ...role, rules })
      changed.add(name)
      settled = false
    }
    if (settled) break
  }
  return [...changed].map((name) => current.get(name) as ClusterRole)
}
