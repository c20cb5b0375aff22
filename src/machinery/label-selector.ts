import { badRequest, quote } from './errors.ts'
import {
  formatRequirement,
  type LabelOperator,
  type LabelRequirement,
  matchesRequirement,
  requirementProblem,
} from './label-requirement.ts'
import { readSelector } from './label-selector-parser.ts'

export type { LabelOperator, LabelRequirement }

/** All of them must hold; none holds always. */
export type LabelSelector = readonly LabelRequirement[]

/** `metav1.LabelSelector`. */
export interface LabelSelectorObject {
  matchLabels?: Record<string, string>
  matchExpressions?: { key: string; operator: string; values?: string[] }[]
}

/**
 * The text form of `k8s.io/apimachinery/pkg/labels`: `a=b,c!=d,e in (f,g),h notin (i),j,!k,l>1,m<2`.
 * BadRequest with its messages, e.g. `unable to parse requirement: found '!', expected: identifier`.
 */
export function parseLabelSelector(text: string): LabelSelector {
  const read = readSelector(text)
  if ('problem' in read) throw badRequest(read.problem)
  return [...read.requirements].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
}

const objectOperators: Record<string, LabelOperator> = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
}

/** undefined selects nothing and gives undefined; `{}` selects everything. BadRequest for what can't be. */
export function toLabelSelector(selector: LabelSelectorObject | undefined | null): LabelSelector | undefined {
  if (selector === undefined || selector === null) return undefined
  const equal = Object.entries(selector.matchLabels ?? {}).map(
    ([key, value]): LabelRequirement => ({
      key,
      operator: '=',
      values: [value],
    }),
  )
  const expressions = (selector.matchExpressions ?? []).map(({ key, operator, values }): LabelRequirement => {
    const known = objectOperators[operator]
    if (known === undefined) throw badRequest(`${quote(operator)} is not a valid label selector operator`)
    return { key, operator: known, values: values ?? [] }
  })
  const requirements = [...equal, ...expressions]
  for (const requirement of requirements) {
    const problem = requirementProblem(requirement)
    if (problem !== undefined) throw badRequest(problem)
  }
  return requirements
}

export function matchesLabels(
  selector: LabelSelector,
  labels: Readonly<Record<string, string>> | undefined,
): boolean {
  return selector.every((requirement) =>
    matchesRequirement(
      requirement,
      labels !== undefined && Object.hasOwn(labels, requirement.key) ? labels[requirement.key] : undefined,
    ),
  )
}

export function formatLabelSelector(selector: LabelSelector): string {
  return selector.map(formatRequirement).join(',')
}
