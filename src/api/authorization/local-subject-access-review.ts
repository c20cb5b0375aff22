import { defineKind } from '../../machinery/kind.ts'
import { objectSchema } from '../../machinery/meta-schema.ts'
import { always, type Static } from '../../machinery/schema.ts'
import { subjectAccessReviewSpecSchema, subjectAccessReviewStatusSchema } from './attributes.ts'

export const localSubjectAccessReviewSchema = objectSchema(
  'LocalSubjectAccessReview',
  {
    spec: always(subjectAccessReviewSpecSchema),
    status: always(subjectAccessReviewStatusSchema, { mandatory: false }),
  },
  {
    schemaName: 'io.k8s.api.authorization.v1.LocalSubjectAccessReview',
    description: 'Asks whether someone may do something in a namespace.',
  },
)
export type LocalSubjectAccessReview = Static<typeof localSubjectAccessReviewSchema>

export const localSubjectAccessReviews = defineKind<LocalSubjectAccessReview>({
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'LocalSubjectAccessReview',
  plural: 'localsubjectaccessreviews',
  namespaced: true,
  verbs: ['create'],
  stored: false,
  schema: localSubjectAccessReviewSchema,
  schemaName: 'io.k8s.api.authorization.v1.LocalSubjectAccessReview',
})
