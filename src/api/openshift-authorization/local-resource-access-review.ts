import { defineKind } from '../../machinery/kind.ts'
import { objectSchema } from '../../machinery/meta-schema.ts'
import { always, goBool, goString, pointer, raw, type Static } from '../../machinery/schema.ts'

export const localResourceAccessReviewSchema = objectSchema(
  'LocalResourceAccessReview',
  {
    content: pointer(raw()),
    isNonResourceURL: always(goBool()),
    namespace: always(goString()),
    path: always(goString()),
    resource: always(goString()),
    resourceAPIGroup: always(goString()),
    resourceAPIVersion: always(goString()),
    resourceName: always(goString()),
    verb: always(goString()),
  },
  {
    schemaName: 'com.github.openshift.api.authorization.v1.LocalResourceAccessReview',
    description: 'Asks who may do something in a namespace.',
  },
)
export type LocalResourceAccessReview = Static<typeof localResourceAccessReviewSchema>

export const openshiftLocalResourceAccessReviews = defineKind<LocalResourceAccessReview>({
  group: 'authorization.openshift.io',
  version: 'v1',
  kind: 'LocalResourceAccessReview',
  plural: 'localresourceaccessreviews',
  namespaced: true,
  verbs: ['create'],
  stored: false,
  schema: localResourceAccessReviewSchema,
  schemaName: 'com.github.openshift.api.authorization.v1.LocalResourceAccessReview',
})
