import { defineKind } from '../../machinery/kind.ts'
import { objectSchema } from '../../machinery/meta-schema.ts'
import { always, goString, list, type Static } from '../../machinery/schema.ts'
import { structIn } from '../common/struct-in.ts'
import { subjectRulesReviewStatusSchema } from './self-subject-rules-review.ts'

const struct = structIn('com.github.openshift.api.authorization.v1')

export const subjectRulesReviewSpecSchema = struct('SubjectRulesReviewSpec', {
  groups: always(list(goString())),
  scopes: always(list(goString())),
  user: always(goString()),
})
export type SubjectRulesReviewSpec = Static<typeof subjectRulesReviewSpecSchema>

export const subjectRulesReviewSchema = objectSchema(
  'SubjectRulesReview',
  {
    spec: always(subjectRulesReviewSpecSchema),
    status: always(subjectRulesReviewStatusSchema, { mandatory: false }),
  },
  {
    schemaName: 'com.github.openshift.api.authorization.v1.SubjectRulesReview',
    description: 'Asks what someone may do in a namespace.',
  },
)
export type SubjectRulesReview = Static<typeof subjectRulesReviewSchema>

export const openshiftSubjectRulesReviews = defineKind<SubjectRulesReview>({
  group: 'authorization.openshift.io',
  version: 'v1',
  kind: 'SubjectRulesReview',
  plural: 'subjectrulesreviews',
  namespaced: true,
  verbs: ['create'],
  stored: false,
  schema: subjectRulesReviewSchema,
  schemaName: 'com.github.openshift.api.authorization.v1.SubjectRulesReview',
})
