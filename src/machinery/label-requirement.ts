import { quote } from './errors.ts'
import { labelKeyProblems, labelValueProblems } from './names.ts'

/** One term of a label selector. */

export type LabelOperator = '=' | '==' | '!=' | 'in' | 'notin' | 'exists' | '!' | 'gt' | 'lt'

export interface LabelRequirement {
  key: string
  operator: LabelOperator
  /** One for `=`, `==`, `!=`, `gt`, `lt`; any number for `in`, `notin`; none for `exists` and `!`. */
  values: readonly string[]
}

function invalidText(path: string, value: string, problems: readonly string[]): string | undefined {
  return problems.length === 0 ? undefined : `${path}: Invalid value: ${quote(value)}: ${problems.join('; ')}`
}

/** What is wrong with key, number or form of values, in the words of labels.NewRequirement. */
export function requirementProblem({ key, operator, values }: LabelRequirement): string | undefined {
  const problems = [invalidText('key', key, labelKeyProblems(key))]
  if ((operator === 'in' || operator === 'notin') && values.length === 0) {
    problems.push(`values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty`)
  }
  if ((operator === 'exists' || operator === '!') && values.length > 0) {
    problems.push(
      `values: Invalid value: ${JSON.stringify(values)}: values set must be empty for exists and does not exist`,
    )
  }
  values.forEach((value, i) => {
    if ((operator === 'gt' || operator === 'lt') && !isInteger(value)) {
      problems.push(
        `values[${i}]: Invalid value: ${quote(value)}: for 'Gt', 'Lt' operators, the value must be an integer`,
      )
    }
    problems.push(invalidText(`values[${i}][${key}]`, value, labelValueProblems(value)))
  })
  const found = problems.filter((problem) => problem !== undefined)
  return found.length > 1 ? `[${found.join(', ')}]` : found[0]
}

function isInteger(text: string): boolean {
  return /^[+-]?\d{1,19}$/.test(text)
}

export function matchesRequirement(requirement: LabelRequirement, value: string | undefined): boolean {
  switch (requirement.operator) {
    case '=':
    case '==':
    case 'in':
      return value !== undefined && requirement.values.includes(value)
    case '!=':
    case 'notin':
      return value === undefined || !requirement.values.includes(value)
    case 'exists':
      return value !== undefined
    case '!':
      return value === undefined
    case 'gt':
    case 'lt': {
      if (value === undefined || !isInteger(value)) return false
      const difference =
        BigInt(value.replace('+', '')) - BigInt((requirement.values[0] ?? '0').replace('+', ''))
      return requirement.operator === 'gt' ? difference > 0n : difference < 0n
    }
  }
}

export function formatRequirement({ key, operator, values }: LabelRequirement): string {
  switch (operator) {
    case 'exists':
      return key
    case '!':
      return `!${key}`
    case 'in':
    case 'notin':
      return `${key} ${operator} (${[...values].sort().join(',')})`
    case 'gt':
      return `${key}>${values[0]}`
    case 'lt':
      return `${key}<${values[0]}`
    default:
      return `${key}${operator}${values[0]}`
  }
}
