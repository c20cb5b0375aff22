import { always, goBool, goString, list, omit, type Static } from '../../machinery/schema.ts'
import { structIn } from '../common/struct-in.ts'

/** What the access reviews of this group answer. */

const struct = structIn('com.github.openshift.api.authorization.v1')

export const resourceAccessReviewResponseSchema = struct('ResourceAccessReviewResponse', {
  kind: omit(goString()),
  apiVersion: omit(goString()),
  namespace: omit(goString()),
  users: always(list(goString())),
  groups: always(list(goString())),
  evalutionError: always(goString()),
})
export type ResourceAccessReviewResponse = Static<typeof resourceAccessReviewResponseSchema>

export const subjectAccessReviewResponseSchema = struct('SubjectAccessReviewResponse', {
  kind: omit(goString()),
  apiVersion: omit(goString()),
  namespace: omit(goString()),
  allowed: always(goBool()),
  reason: omit(goString()),
  evaluationError: omit(goString()),
})
export type SubjectAccessReviewResponse = Static<typeof subjectAccessReviewResponseSchema>
