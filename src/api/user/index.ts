import type { Kind } from '../../machinery/kind.ts'
import { groups } from './group.ts'
import { identities } from './identity.ts'
import { users } from './user.ts'
import { userIdentityMappings } from './user-identity-mapping.ts'

export type { Group } from './group.ts'
export { groupSchema, groups } from './group.ts'
export type { Identity } from './identity.ts'
export { identities, identitySchema } from './identity.ts'
export type { User } from './user.ts'
export { userSchema, users } from './user.ts'
export type { UserIdentityMapping } from './user-identity-mapping.ts'
export { userIdentityMappingSchema, userIdentityMappings } from './user-identity-mapping.ts'
export {
  groupNameProblems,
  identityNameErrors,
  identityNameProblems,
  userNameProblems,
} from './user-names.ts'

export const userKinds: readonly Kind[] = [groups, identities, userIdentityMappings, users]
