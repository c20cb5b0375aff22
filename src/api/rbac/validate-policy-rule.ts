import type { FieldError } from '../../machinery/errors.ts'
import { invalidValue, required } from '../common/field-errors.ts'
import type { PolicyRule } from './policy-rule.ts'

/** Roles hold rules about resources; only cluster roles may hold rules about paths. */
export function policyRuleErrors(
  rules: readonly PolicyRule[],
  { namespaced }: { namespaced: boolean },
): FieldError[] {
  return rules.flatMap((rule, index) => ruleErrors(rule, `rules[${index}]`, namespaced))
}

function ruleErrors(rule: PolicyRule, field: string, namespaced: boolean): FieldError[] {
  const has = (list: readonly string[] | null | undefined) => (list ?? []).length > 0
  const errors: FieldError[] = has(rule.verbs)
    ? []
    : [required(`${field}.verbs`, 'verbs must contain at least one value')]
  if (has(rule.nonResourceURLs)) {
    if (namespaced) {
      const detail = 'namespaced rules cannot apply to non-resource URLs'
      errors.push(invalidValue(`${field}.nonResourceURLs`, rule.nonResourceURLs, detail))
    }
    if (has(rule.apiGroups) || has(rule.resources) || has(rule.resourceNames)) {
      const detail = 'rules cannot apply to both regular resources and non-resource URLs'
      errors.push(invalidValue(`${field}.nonResourceURLs`, rule.nonResourceURLs, detail))
    }
    return errors
  }
  if (!has(rule.apiGroups))
    errors.push(required(`${field}.apiGroups`, 'resource rules must supply at least one api group'))
  if (!has(rule.resources))
    errors.push(required(`${field}.resources`, 'resource rules must supply at least one resource'))
  return errors
}
