import { defineKind } from '../../machinery/kind.ts'
import { objectSchema } from '../../machinery/meta-schema.ts'
import { always, atomic, goBool, goString, list, omit, type Static } from '../../machinery/schema.ts'
import { structIn } from '../common/struct-in.ts'
import { userInfoSchema } from './user-info.ts'

const struct = structIn('io.k8s.api.authentication.v1')

export const tokenReviewSpecSchema = struct('TokenReviewSpec', {
  audiences: omit(list(goString(), atomic)),
  token: always(goString()),
})
export type TokenReviewSpec = Static<typeof tokenReviewSpecSchema>

export const tokenReviewStatusSchema = struct('TokenReviewStatus', {
  audiences: omit(list(goString(), atomic)),
  authenticated: omit(goBool()),
  error: omit(goString()),
  user: always(userInfoSchema, { mandatory: false }),
})
export type TokenReviewStatus = Static<typeof tokenReviewStatusSchema>

export const tokenReviewSchema = objectSchema(
  'TokenReview',
  {
    spec: always(tokenReviewSpecSchema),
    status: always(tokenReviewStatusSchema, { mandatory: false }),
  },
  { schemaName: 'io.k8s.api.authentication.v1.TokenReview', description: 'Asks whose token it is.' },
)
export type TokenReview = Static<typeof tokenReviewSchema>

export const tokenReviews = defineKind<TokenReview>({
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'TokenReview',
  plural: 'tokenreviews',
  namespaced: false,
  verbs: ['create'],
  stored: false,
  schema: tokenReviewSchema,
  schemaName: 'io.k8s.api.authentication.v1.TokenReview',
})
