import type { Action, Decision, Subject } from './access.ts'
import { groupMasters } from './access.ts'
import { describeGrant, describeMissingRole, type Grant, grantsOf } from './grants.ts'
import { matchesRule, normalizeAction } from './match-rule.ts'
import type { Policy } from './policy.ts'

/** Several errors print as `[a, b]`, one bare, each once. */
function formatErrors(errors: readonly string[]): string {
  const texts = [...new Set(errors)]
  return texts.length === 1 ? (texts[0] as string) : `[${texts.join(', ')}]`
}

/** What a subject holds in a namespace; see {@link grantsOf}. */
export type FindGrants = (subject: Subject, namespace: string) => readonly Grant[]

/**
 * May this subject do this? `system:masters` may do everything, whatever the roles say (auth.md §8). A refusal
 * carries a reason only where a binding of the caller names a role that does not exist. `policy`: itself, or who remembers what it grants.
 */
export function decide(subject: Subject, action: Action, policy: Policy | FindGrants): Decision {
  if (subject.groups.includes(groupMasters)) return { allowed: true, reason: '' }
  const wanted = action.kind === 'path' ? action : normalizeAction(action)
  const namespace = wanted.kind === 'path' ? '' : wanted.namespace
  const grants =
    typeof policy === 'function' ? policy(subject, namespace) : grantsOf(subject, namespace, policy)
  const grant = grants.find(({ rules }) => rules?.some((rule) => matchesRule(rule, wanted)))
  if (grant !== undefined) return { allowed: true, reason: `RBAC: allowed by ${describeGrant(grant)}` }
  const missing = grants.filter(({ rules }) => rules === undefined).map(describeMissingRole)
  return { allowed: false, reason: missing.length === 0 ? '' : `RBAC: ${formatErrors(missing)}` }
}
