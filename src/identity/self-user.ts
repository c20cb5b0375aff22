import type { Subject } from '../access/access.ts'
import { groupAuthenticated } from '../access/access.ts'
import type { User } from '../api/user/index.ts'
import { users } from '../api/user/index.ts'
import type { Client } from '../client/client.ts'
import { notFound } from '../machinery/errors.ts'
import { findObject } from './find-object.ts'
import { groupOAuth } from './subject.ts'

/**
 * `users/~`: the caller's own User (auth.md U-20). Callers whose name no User can bear, service accounts first of
 * all, get one made up of name and groups; any other without a User gets 404 under the name asked for (r554).
 */
export async function getSelfUser(caller: Subject, client: Client): Promise<User> {
  if (caller.name.includes(':')) {
    const virtual = new Set([groupAuthenticated, groupOAuth])
    const groups = caller.groups.filter((group) => !virtual.has(group)).sort()
    return { metadata: { name: caller.name }, groups, identities: null }
  }
  const user = await findObject(client, users, '', caller.name)
  if (user === undefined) throw notFound({ group: 'user.openshift.io', resource: 'users' }, '~')
  return user
}
