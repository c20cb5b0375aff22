import { LRUCache } from 'lru-cache'
import type { Authorize, Subject } from '../access/access.ts'
import { decide } from '../access/decide.ts'
import { type Grant, grantsOf } from '../access/grants.ts'
import type { PolicySource } from './policy-source.ts'

/** What so many subjects hold in so many namespaces is remembered. */
const remembered = 1000

/**
 * Decides by the policy in force. Any change of roles or bindings forgets all that was known, so a right withdrawn is
 * gone at once.
 */
export function createAuthorizer({ policySource }: { policySource: PolicySource }): Authorize {
  const known = new LRUCache<string, readonly Grant[]>({ max: remembered })
  policySource.onChange(() => known.clear())
  const find = ({ name, groups }: Subject, namespace: string): readonly Grant[] => {
    const key = JSON.stringify([name, namespace, ...groups])
    const before = known.get(key)
    if (before !== undefined) return before
    const grants = grantsOf({ name, groups }, namespace, policySource.policy())
    known.set(key, grants)
    return grants
  }
  return async (subject, action) => decide(subject, action, find)
}
