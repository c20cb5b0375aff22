import { defineKind } from '../../machinery/kind.ts'
import { objectSchema } from '../../machinery/meta-schema.ts'
import { always, goBool, goString, list, pointer, raw, type Static } from '../../machinery/schema.ts'

export const subjectAccessReviewSchema = objectSchema(
  'SubjectAccessReview',
  {
    content: pointer(raw()),
    groups: always(list(goString())),
    isNonResourceURL: always(goBool()),
    namespace: always(goString()),
    path: always(goString()),
    resource: always(goString()),
    resourceAPIGroup: always(goString()),
    resourceAPIVersion: always(goString()),
    resourceName: always(goString()),
    scopes: always(list(goString())),
    user: always(goString()),
    verb: always(goString()),
  },
  {
    schemaName: 'com.github.openshift.api.authorization.v1.SubjectAccessReview',
    description: 'Asks whether someone may do something.',
  },
)
export type SubjectAccessReview = Static<typeof subjectAccessReviewSchema>

export const openshiftSubjectAccessReviews = defineKind<SubjectAccessReview>({
  group: 'authorization.openshift.io',
  version: 'v1',
  kind: 'SubjectAccessReview',
  plural: 'subjectaccessreviews',
  namespaced: false,
  verbs: ['create'],
  stored: false,
  schema: subjectAccessReviewSchema,
  schemaName: 'com.github.openshift.api.authorization.v1.SubjectAccessReview',
})
