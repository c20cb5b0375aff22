import type { Action } from './access.ts'
import { groupMasters } from './access.ts'
import { compareNames } from './compare-names.ts'
import { matchesRule, normalizeAction } from './match-rule.ts'
import type { Policy } from './policy.ts'
import { subjectKey } from './policy.ts'

export interface Holders {
  /** Sorted; service accounts by their full user name. */
  users: string[]
  groups: string[]
}

/**
 * Everybody whom a binding gives the action, and `system:masters`, who need none (auth.md §10,
 * ResourceAccessReview).
 */
export function whoCan(action: Action, policy: Policy): Holders {
  const wanted = action.kind === 'path' ? action : normalizeAction(action)
  const users = new Set<string>()
  const groups = new Set<string>([groupMasters])
  const namespaces = wanted.kind === 'path' || wanted.namespace === '' ? [''] : ['', wanted.namespace]
  for (const namespace of namespaces) {
    for (const binding of policy.bindingsIn(namespace)) {
      const rules = policy.rulesOf(binding.roleRef, namespace) ?? []
      if (!rules.some((rule) => matchesRule(rule, wanted))) continue
      for (const subject of binding.subjects ?? []) {
        const key = subjectKey(subject, namespace)
        if (key?.startsWith('User:')) users.add(key.slice('User:'.length))
        if (key?.startsWith('Group:')) groups.add(key.slice('Group:'.length))
      }
    }
  }
  return { users: [...users].sort(compareNames), groups: [...groups].sort(compareNames) }
}
