import { defineKind } from '../../machinery/kind.ts'
import { objectSchema } from '../../machinery/meta-schema.ts'
import { always, goString, list, omit, type Static } from '../../machinery/schema.ts'
import { structIn } from '../common/struct-in.ts'
import { policyRuleSchema } from './policy-rule.ts'

const struct = structIn('com.github.openshift.api.authorization.v1')

export const selfSubjectRulesReviewSpecSchema = struct('SelfSubjectRulesReviewSpec', {
  scopes: always(list(goString())),
})
export type SelfSubjectRulesReviewSpec = Static<typeof selfSubjectRulesReviewSpecSchema>

export const subjectRulesReviewStatusSchema = struct('SubjectRulesReviewStatus', {
  evaluationError: omit(goString()),
  rules: always(list(policyRuleSchema)),
})
export type SubjectRulesReviewStatus = Static<typeof subjectRulesReviewStatusSchema>

export const selfSubjectRulesReviewSchema = objectSchema(
  'SelfSubjectRulesReview',
  {
    spec: always(selfSubjectRulesReviewSpecSchema),
    status: always(subjectRulesReviewStatusSchema, { mandatory: false }),
  },
  {
    schemaName: 'com.github.openshift.api.authorization.v1.SelfSubjectRulesReview',
    description: 'Asks what the caller may do in a namespace.',
  },
)
export type SelfSubjectRulesReview = Static<typeof selfSubjectRulesReviewSchema>

export const openshiftSelfSubjectRulesReviews = defineKind<SelfSubjectRulesReview>({
  group: 'authorization.openshift.io',
  version: 'v1',
  kind: 'SelfSubjectRulesReview',
  plural: 'selfsubjectrulesreviews',
  namespaced: true,
  verbs: ['create'],
  stored: false,
  schema: selfSubjectRulesReviewSchema,
  schemaName: 'com.github.openshift.api.authorization.v1.SelfSubjectRulesReview',
})
