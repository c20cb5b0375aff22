import { defineKind } from '../../machinery/kind.ts'
import { objectSchema } from '../../machinery/meta-schema.ts'
import { always, goBool, goString, pointer, raw, type Static } from '../../machinery/schema.ts'

export const resourceAccessReviewSchema = objectSchema(
  'ResourceAccessReview',
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
    schemaName: 'com.github.openshift.api.authorization.v1.ResourceAccessReview',
    description: 'Asks who may do something.',
  },
)
export type ResourceAccessReview = Static<typeof resourceAccessReviewSchema>

export const openshiftResourceAccessReviews = defineKind<ResourceAccessReview>({
  group: 'authorization.openshift.io',
  version: 'v1',
  kind: 'ResourceAccessReview',
  plural: 'resourceaccessreviews',
  namespaced: false,
  verbs: ['create'],
  stored: false,
  schema: resourceAccessReviewSchema,
  schemaName: 'com.github.openshift.api.authorization.v1.ResourceAccessReview',
  // The real server says so, as if it were the local one.
  singular: 'localresourceaccessreview',
})
