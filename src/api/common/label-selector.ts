import { type FieldError, isApiError } from '../../machinery/errors.ts'
import { type LabelRequirement, matchesLabels, toLabelSelector } from '../../machinery/label-selector.ts'
import type { labelSelectorSchema } from '../../machinery/meta-schema.ts'
import type { Static } from '../../machinery/schema.ts'
import { invalidValue, required } from './field-errors.ts'

export type LabelSelector = Static<typeof labelSelectorSchema>

/** `a=1,b in (x,y),!c`, as tables print a selector; `<none>` for one that is empty or absent. */
export function formatSelector(selector: LabelSelector | undefined | null): string {
  const labels = Object.entries(selector?.matchLabels ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${value}`)
  const expressions = (selector?.matchExpressions ?? []).map(formatExpression)
  return [...labels, ...expressions].join(',') || '<none>'
}

function formatExpression({
  key,
  operator,
  values,
}: NonNullable<LabelSelector['matchExpressions']>[number]): string {
  const list = `(${[...(values ?? [])].sort().join(',')})`
  if (operator === 'In') return `${key} in ${list}`
  if (operator === 'NotIn') return `${key} notin ${list}`
  return operator === 'DoesNotExist' ? `!${key}` : key
}

/** `a=1,b=2` of a plain map. */
export function formatLabels(labels: Readonly<Record<string, string>> | undefined | null): string {
  return formatSelector({ matchLabels: { ...labels } })
}

/**
 * What workloads demand of `spec.selector`: that it is there, says something, and picks the pods that
 * `spec.template` makes.
 */
export function selectorErrors(
  selector: LabelSelector | undefined,
  templateLabels: Readonly<Record<string, string>> | undefined,
  kind: string,
): FieldError[] {
  if (selector === undefined) return [required('spec.selector')]
  const parsed = readSelector(selector)
  if ('problem' in parsed) return [invalidValue('spec.selector', selector, parsed.problem)]
  if (parsed.requirements.length === 0) {
    return [invalidValue('spec.selector', selector, `empty selector is invalid for ${kind}`)]
  }
  if (matchesLabels(parsed.requirements, templateLabels ?? {})) return []
  return [
    invalidValue(
      'spec.template.metadata.labels',
      templateLabels ?? {},
      '`selector` does not match template `labels`',
    ),
  ]
}

function readSelector(selector: LabelSelector): { requirements: LabelRequirement[] } | { problem: string } {
  try {
    return { requirements: [...(toLabelSelector(selector) ?? [])] }
  } catch (error) {
    if (isApiError(error)) return { problem: error.message }
    throw error
  }
}
