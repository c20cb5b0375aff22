import type { FieldError } from '../../machinery/errors.ts'
import { pathSegmentProblems } from '../../machinery/names.ts'
import { problemsAt } from '../common/field-errors.ts'

/** Names with a `:` are the system's own; `~` means the caller. */
export function userNameProblems(name: string, isPrefix = false): string[] {
  return [
    ...pathSegmentProblems(name, isPrefix),
    ...(name.includes(':') ? ['may not contain ":"'] : []),
    ...tilde(name),
  ]
}

export function groupNameProblems(name: string, isPrefix = false): string[] {
  return userNameProblems(name, isPrefix)
}

function tilde(name: string): string[] {
  return name === '~' ? ['may not equal "~"'] : []
}

/** `<provider>:<user name of the provider>`. */
export function identityNameProblems(name: string): string[] {
  const parts = name.split(':')
  const problems = pathSegmentProblems(name)
  if (parts.length !== 2) return [...problems, 'must be in the format <providerName>:<providerUserName>']
  if (parts[0] === '')
    return [
      ...problems,
      'must be in the format <providerName>:<providerUserName> with a non-empty providerName',
    ]
  if (parts[1] === '') {
    return [
      ...problems,
      'must be in the format <providerName>:<providerUserName> with a non-empty providerUserName',
    ]
  }
  return problems
}

export function identityNameErrors(names: readonly string[], field: string): FieldError[] {
  return names.flatMap((name, index) => problemsAt(`${field}[${index}]`, name, identityNameProblems(name)))
}
