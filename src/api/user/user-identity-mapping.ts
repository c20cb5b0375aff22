import { defineKind } from '../../machinery/kind.ts'
import { objectSchema } from '../../machinery/meta-schema.ts'
import { always, type Static } from '../../machinery/schema.ts'
import { objectReferenceSchema } from '../core/object-reference.ts'
import { identityNameProblems } from './user-names.ts'

export const userIdentityMappingSchema = objectSchema(
  'UserIdentityMapping',
  {
    identity: always(objectReferenceSchema, { mandatory: false }),
    user: always(objectReferenceSchema, { mandatory: false }),
  },
  {
    schemaName: 'com.github.openshift.api.user.v1.UserIdentityMapping',
    description: 'Which user an identity logs in as.',
  },
)
export type UserIdentityMapping = Static<typeof userIdentityMappingSchema>

/** A view of an Identity and its User, and the way to bind the two. */
export const userIdentityMappings = defineKind<UserIdentityMapping>({
  group: 'user.openshift.io',
  version: 'v1',
  kind: 'UserIdentityMapping',
  plural: 'useridentitymappings',
  namespaced: false,
  verbs: ['create', 'delete', 'get', 'patch', 'update'],
  stored: false,
  schema: userIdentityMappingSchema,
  schemaName: 'com.github.openshift.api.user.v1.UserIdentityMapping',
  hooks: { validateName: identityNameProblems },
})
