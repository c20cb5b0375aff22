import { defineKind } from '../../machinery/kind.ts'
import { objectSchema } from '../../machinery/meta-schema.ts'
import { always, type Static } from '../../machinery/schema.ts'
import { structIn } from '../common/struct-in.ts'
import { userInfoSchema } from './user-info.ts'

const struct = structIn('io.k8s.api.authentication.v1')

export const selfSubjectReviewStatusSchema = struct('SelfSubjectReviewStatus', {
  userInfo: always(userInfoSchema, { mandatory: false }),
})
export type SelfSubjectReviewStatus = Static<typeof selfSubjectReviewStatusSchema>

export const selfSubjectReviewSchema = objectSchema(
  'SelfSubjectReview',
  {
    status: always(selfSubjectReviewStatusSchema, { mandatory: false }),
  },
  { schemaName: 'io.k8s.api.authentication.v1.SelfSubjectReview', description: 'Asks who the caller is.' },
)
export type SelfSubjectReview = Static<typeof selfSubjectReviewSchema>

export const selfSubjectReviews = defineKind<SelfSubjectReview>({
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'SelfSubjectReview',
  plural: 'selfsubjectreviews',
  namespaced: false,
  verbs: ['create'],
  stored: false,
  schema: selfSubjectReviewSchema,
  schemaName: 'io.k8s.api.authentication.v1.SelfSubjectReview',
})
