import type { Subject } from '../access/access.ts'
import type { Policy } from '../access/policy.ts'
import type { PolicyRule } from '../access/rbac-objects.ts'
import { rulesFor } from '../access/rules-for.ts'
import type { SelfSubjectRulesReview } from '../api/authorization/self-subject-rules-review.ts'
import type { PolicyRule as FlatRule } from '../api/openshift-authorization/policy-rule.ts'
import type { SelfSubjectRulesReview as SelfSubjectRulesReviewFlat } from '../api/openshift-authorization/self-subject-rules-review.ts'
import type { SubjectRulesReview } from '../api/openshift-authorization/subject-rules-review.ts'
import { badRequest } from '../machinery/errors.ts'

/** What may I do here? (auth.md §10, `oc auth can-i --list`.) */

function toResourceRule({ verbs, apiGroups = [], resources = [], resourceNames = [] }: PolicyRule) {
  return {
    verbs: [...verbs],
    apiGroups: [...apiGroups],
    resources: [...resources],
    ...(resourceNames.length === 0 ? {} : { resourceNames: [...resourceNames] }),
  }
}

export function reviewSelfSubjectRules(
  body: SelfSubjectRulesReview,
  caller: Subject,
  policy: Policy,
): SelfSubjectRulesReview {
  const namespace = body.spec.namespace ?? ''
  if (namespace === '') throw badRequest('no namespace on request')
  const { rules, errors } = rulesFor(caller, namespace, policy)
  return {
    ...body,
    status: {
      resourceRules: rules.filter(({ resources = [] }) => resources.length > 0).map(toResourceRule),
      nonResourceRules: rules
        .filter(({ nonResourceURLs = [] }) => nonResourceURLs.length > 0)
        .map(({ verbs, nonResourceURLs = [] }) => ({
          verbs: [...verbs],
          nonResourceURLs: [...nonResourceURLs],
        })),
      incomplete: false,
      ...(errors.length === 0 ? {} : { evaluationError: errors.join(', ') }),
    },
  }
}

function toFlatRule(rule: PolicyRule): FlatRule {
  const { verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule
  return {
    verbs: [...verbs],
    apiGroups: [...apiGroups],
    resources: [...resources],
    ...(resourceNames.length === 0 ? {} : { resourceNames: [...resourceNames] }),
    ...(nonResourceURLs.length === 0 ? {} : { nonResourceURLs: [...nonResourceURLs] }),
  }
}

/**
 * The flat forms: SelfSubjectRulesReview about the caller, SubjectRulesReview about `spec.user` and `spec.groups`.
 */
export function reviewFlatRules<T extends SelfSubjectRulesReviewFlat | SubjectRulesReview>(
  body: T,
  subject: Subject,
  namespace: string,
  policy: Policy,
): T {
  const { rules, errors } = rulesFor(subject, namespace, policy)
  const evaluationError = errors.length === 0 ? {} : { evaluationError: errors.join(', ') }
  return { ...body, status: { rules: rules.map(toFlatRule), ...evaluationError } }
}
