import type { ApiError } from '../machinery/errors.ts'
import { forbidden, quote } from '../machinery/errors.ts'
import type { Action, Subject } from './access.ts'
import { formatResource } from './match-rule.ts'

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

function refusal(subject: Subject, action: Action): string {
  const text =
    action.kind === 'path'
      ? `User ${quote(subject.name)} cannot ${action.verb} path ${quote(action.path)}`
      : `User ${quote(subject.name)} cannot ${action.verb} resource ${quote(formatResource(action))} in API group ${quote(
          action.group,
        )} ${action.namespace === '' ? 'at the cluster scope' : `in the namespace ${quote(action.namespace)}`}`
  return text.replace(/[&<>]/g, (character) => escapes[character] as string)
}

/**
 * The 403 of a caller without the right (auth.md §11). `reason` is the decision's; it ends the message when there
 * is one.
 */
export function forbiddenError(subject: Subject, action: Action, reason = ''): ApiError {
  const why = `${refusal(subject, action)}${reason === '' ? '' : `: ${reason}`}`
  if (action.kind === 'path') return forbidden({ group: '', resource: '' }, '', why)
  return forbidden({ group: action.group, resource: action.resource }, action.name, why)
}

/** The whole `message` of {@link forbiddenError}. */
export function forbiddenMessage(subject: Subject, action: Action, reason = ''): string {
  return forbiddenError(subject, action, reason).message
}
