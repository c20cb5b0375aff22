import { defineKind } from '../../machinery/kind.ts'
import { objectSchema } from '../../machinery/meta-schema.ts'
import { always, atomic, goBool, goString, list, omit, type Static } from '../../machinery/schema.ts'
import { structIn } from '../common/struct-in.ts'

const struct = structIn('io.k8s.api.authorization.v1')

export const selfSubjectRulesReviewSpecSchema = struct('SelfSubjectRulesReviewSpec', {
  namespace: omit(goString()),
})
export type SelfSubjectRulesReviewSpec = Static<typeof selfSubjectRulesReviewSpecSchema>

export const resourceRuleSchema = struct('ResourceRule', {
  apiGroups: omit(list(goString(), atomic)),
  resourceNames: omit(list(goString(), atomic)),
  resources: omit(list(goString(), atomic)),
  verbs: always(list(goString(), atomic)),
})
export type ResourceRule = Static<typeof resourceRuleSchema>

export const nonResourceRuleSchema = struct('NonResourceRule', {
  nonResourceURLs: omit(list(goString(), atomic)),
  verbs: always(list(goString(), atomic)),
})
export type NonResourceRule = Static<typeof nonResourceRuleSchema>

export const subjectRulesReviewStatusSchema = struct('SubjectRulesReviewStatus', {
  evaluationError: omit(goString()),
  incomplete: always(goBool()),
  nonResourceRules: always(list(nonResourceRuleSchema, atomic)),
  resourceRules: always(list(resourceRuleSchema, atomic)),
})
export type SubjectRulesReviewStatus = Static<typeof subjectRulesReviewStatusSchema>

export const selfSubjectRulesReviewSchema = objectSchema(
  'SelfSubjectRulesReview',
  {
    spec: always(selfSubjectRulesReviewSpecSchema),
    status: always(subjectRulesReviewStatusSchema, { mandatory: false }),
  },
  {
    schemaName: 'io.k8s.api.authorization.v1.SelfSubjectRulesReview',
    description: 'Asks what the caller may do in a namespace.',
  },
)
export type SelfSubjectRulesReview = Static<typeof selfSubjectRulesReviewSchema>

export const selfSubjectRulesReviews = defineKind<SelfSubjectRulesReview>({
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'SelfSubjectRulesReview',
  plural: 'selfsubjectrulesreviews',
  namespaced: false,
  verbs: ['create'],
  stored: false,
  schema: selfSubjectRulesReviewSchema,
  schemaName: 'io.k8s.api.authorization.v1.SelfSubjectRulesReview',
})
