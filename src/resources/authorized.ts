import type { Action, Authorize, Decision, ResourceAction, Subject } from '../access/access.ts'
import { forbiddenError } from '../access/index.ts'

/** Rejects with the 403 of auth.md §11 when the subject may not. */
export async function requireAllowed(
  authorize: Authorize,
  subject: Subject,
  action: Action,
): Promise<Decision> {
  const decision = await authorize(subject, action)
  if (decision.allowed) return decision
  throw forbiddenError(subject, action, decision.reason)
}

export function resourceAction(
  action: Partial<Omit<ResourceAction, 'kind'>> & Pick<ResourceAction, 'verb' | 'group' | 'resource'>,
): ResourceAction {
  return { kind: 'resource', subresource: '', namespace: '', name: '', ...action }
}
