import type { Kind } from '../../machinery/kind.ts'
import { localSubjectAccessReviews } from './local-subject-access-review.ts'
import { selfSubjectAccessReviews } from './self-subject-access-review.ts'
import { selfSubjectRulesReviews } from './self-subject-rules-review.ts'
import { subjectAccessReviews } from './subject-access-review.ts'

export type {
  NonResourceAttributes,
  ResourceAttributes,
  SubjectAccessReviewSpec,
  SubjectAccessReviewStatus,
} from './attributes.ts'
export type { LocalSubjectAccessReview } from './local-subject-access-review.ts'
export { localSubjectAccessReviewSchema, localSubjectAccessReviews } from './local-subject-access-review.ts'
export type { SelfSubjectAccessReview, SelfSubjectAccessReviewSpec } from './self-subject-access-review.ts'
export { selfSubjectAccessReviewSchema, selfSubjectAccessReviews } from './self-subject-access-review.ts'
export type {
  NonResourceRule,
  ResourceRule,
  SelfSubjectRulesReview,
  SelfSubjectRulesReviewSpec,
  SubjectRulesReviewStatus,
} from './self-subject-rules-review.ts'
export { selfSubjectRulesReviewSchema, selfSubjectRulesReviews } from './self-subject-rules-review.ts'
export type { SubjectAccessReview } from './subject-access-review.ts'
export { subjectAccessReviewSchema, subjectAccessReviews } from './subject-access-review.ts'

export const authorizationKinds: readonly Kind[] = [
  localSubjectAccessReviews,
  selfSubjectAccessReviews,
  selfSubjectRulesReviews,
  subjectAccessReviews,
]
