import { atomic, goString, list, map, omit, type Static } from '../../machinery/schema.ts'
import { structIn } from '../common/struct-in.ts'

const struct = structIn('io.k8s.api.authentication.v1')

export const userInfoSchema = struct('UserInfo', {
  extra: omit(map(list(goString()))),
  groups: omit(list(goString(), atomic)),
  uid: omit(goString()),
  username: omit(goString()),
})
export type UserInfo = Static<typeof userInfoSchema>
