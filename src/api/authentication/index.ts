import type { Kind } from '../../machinery/kind.ts'
import { selfSubjectReviews } from './self-subject-review.ts'
import { tokenReviews } from './token-review.ts'

export type { SelfSubjectReview, SelfSubjectReviewStatus } from './self-subject-review.ts'
export { selfSubjectReviewSchema, selfSubjectReviews } from './self-subject-review.ts'
export type {
  BoundObjectReference,
  TokenRequest,
  TokenRequestSpec,
  TokenRequestStatus,
} from './token-request.ts'
export { tokenRequestSchema } from './token-request.ts'
export type { TokenReview, TokenReviewSpec, TokenReviewStatus } from './token-review.ts'
export { tokenReviewSchema, tokenReviews } from './token-review.ts'
export type { UserInfo } from './user-info.ts'

export const authenticationKinds: readonly Kind[] = [selfSubjectReviews, tokenReviews]
