import type { Subject } from './access.ts'
import { groupMasters } from './access.ts'
import { describeMissingRole, grantsOf } from './grants.ts'
import type { Policy } from './policy.ts'
import type { PolicyRule } from './rbac-objects.ts'

export interface HeldRules {
  rules: PolicyRule[]
  /** Roles that bindings name and that do not exist. */
  errors: string[]
}

const everything: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
]

/** All rules that hold for the subject in the namespace, cluster-wide ones first; '' asks only for those. */
export function rulesFor(subject: Subject, namespace: string, policy: Policy): HeldRules {
  const grants = grantsOf(subject, namespace, policy)
  const held = grants.flatMap(({ rules }) => rules ?? [])
  return {
    rules: subject.groups.includes(groupMasters) ? [...everything, ...held] : held,
    errors: grants.filter(({ rules }) => rules === undefined).map(describeMissingRole),
  }
}
