import { defineKind } from '../../machinery/kind.ts'
import { objectSchema } from '../../machinery/meta-schema.ts'
import { always, pointer, type Static } from '../../machinery/schema.ts'
import { structIn } from '../common/struct-in.ts'
import {
  nonResourceAttributesSchema,
  resourceAttributesSchema,
  subjectAccessReviewStatusSchema,
} from './attributes.ts'

const struct = structIn('io.k8s.api.authorization.v1')

export const selfSubjectAccessReviewSpecSchema = struct('SelfSubjectAccessReviewSpec', {
  nonResourceAttributes: pointer(nonResourceAttributesSchema),
  resourceAttributes: pointer(resourceAttributesSchema),
})
export type SelfSubjectAccessReviewSpec = Static<typeof selfSubjectAccessReviewSpecSchema>

export const selfSubjectAccessReviewSchema = objectSchema(
  'SelfSubjectAccessReview',
  {
    spec: always(selfSubjectAccessReviewSpecSchema),
    status: always(subjectAccessReviewStatusSchema, { mandatory: false }),
  },
  {
    schemaName: 'io.k8s.api.authorization.v1.SelfSubjectAccessReview',
    description: 'Asks whether the caller may do something.',
  },
)
export type SelfSubjectAccessReview = Static<typeof selfSubjectAccessReviewSchema>

export const selfSubjectAccessReviews = defineKind<SelfSubjectAccessReview>({
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'SelfSubjectAccessReview',
  plural: 'selfsubjectaccessreviews',
  namespaced: false,
  verbs: ['create'],
  stored: false,
  schema: selfSubjectAccessReviewSchema,
  schemaName: 'io.k8s.api.authorization.v1.SelfSubjectAccessReview',
})
