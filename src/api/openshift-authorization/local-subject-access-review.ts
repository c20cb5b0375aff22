import { defineKind } from '../../machinery/kind.ts'
import { objectSchema } from '../../machinery/meta-schema.ts'
import { always, goBool, goString, list, pointer, raw, type Static } from '../../machinery/schema.ts'

export const localSubjectAccessReviewSchema = objectSchema(
  'LocalSubjectAccessReview',
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
    schemaName: 'com.github.openshift.api.authorization.v1.LocalSubjectAccessReview',
    description: 'Asks whether someone may do something in a namespace.',
  },
)
export type LocalSubjectAccessReview = Static<typeof localSubjectAccessReviewSchema>

export const openshiftLocalSubjectAccessReviews = defineKind<LocalSubjectAccessReview>({
  group: 'authorization.openshift.io',
  version: 'v1',
  kind: 'LocalSubjectAccessReview',
  plural: 'localsubjectaccessreviews',
  namespaced: true,
  verbs: ['create'],
  stored: false,
  schema: localSubjectAccessReviewSchema,
  schemaName: 'com.github.openshift.api.authorization.v1.LocalSubjectAccessReview',
})
