import { defineKind } from '../../machinery/kind.ts'
import { objectSchema } from '../../machinery/meta-schema.ts'
import { always, type Static } from '../../machinery/schema.ts'
import { subjectAccessReviewSpecSchema, subjectAccessReviewStatusSchema } from './attributes.ts'

export const subjectAccessReviewSchema = objectSchema(
  'SubjectAccessReview',
  {
    spec: always(subjectAccessReviewSpecSchema),
    status: always(subjectAccessReviewStatusSchema, { mandatory: false }),
  },
  {
    schemaName: 'io.k8s.api.authorization.v1.SubjectAccessReview',
    description: 'Asks whether someone may do something.',
  },
)
export type SubjectAccessReview = Static<typeof subjectAccessReviewSchema>

export const subjectAccessReviews = defineKind<SubjectAccessReview>({
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'SubjectAccessReview',
  plural: 'subjectaccessreviews',
  namespaced: false,
  verbs: ['create'],
  stored: false,
  schema: subjectAccessReviewSchema,
  schemaName: 'io.k8s.api.authorization.v1.SubjectAccessReview',
})
