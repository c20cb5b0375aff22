import { LRUCache } from 'lru-cache'
import type { Action, Authorize, Decision, Subject } from '../access/access.ts'
import { decide } from '../access/decide.ts'
import type { PolicySource } from './policy-source.ts'

/** So many decisions are remembered. */
const remembered = 10_000

function keyOf(subject: Subject, action: Action): string {
  const who = [subject.name, ...[...subject.groups].sort()]
  const what =
    action.kind === 'path'
      ? [action.verb, action.path]
      : [action.verb, action.group, action.resource, action.subresource, action.namespace, action.name]
  return JSON.stringify([who, what])
}

/**
 * Decides by the policy in force. Any change of roles or bindings forgets every decision, so a right withdrawn is
 * gone at once.
 */
export function createAuthorizer({ policySource }: { policySource: PolicySource }): Authorize {
  const decisions = new LRUCache<string, Decision>({ max: remembered })
  policySource.onChange(() => decisions.clear())
  return async (subject, action) => {
    const key = keyOf(subject, action)
    const known = decisions.get(key)
    if (known !== undefined) return known
    const decision = decide(subject, action, policySource.policy())
    decisions.set(key, decision)
    return decision
  }
}
