import { randomBytes } from 'node:crypto'
import {
  clusterRoleBindings,
  oauthAccessTokens,
  type RoleBinding,
  roleBindings,
  type User,
  users,
} from '../../src/api/index.ts'
import { createOAuthToken, hashOAuthToken } from '../../src/identity/index.ts'
import type { Lab } from '../lab/open-lab.ts'

const rbac = 'rbac.authorization.k8s.io'

/** Who plays in the matrix, and the one role that each holds in the project `demo`. */
export const roles = {
  anonymous: undefined,
  'other tenant': undefined,
  puller: 'system:image-puller',
  pusher: 'system:image-pusher',
  builder: 'system:image-builder',
  view: 'view',
  edit: 'edit',
  admin: 'admin',
  'cluster-admin': 'cluster-admin',
  expired: 'admin',
} as const

export type Role = keyof typeof roles
export const everyRole = Object.keys(roles) as Role[]

export interface Cast {
  /** Headers that make a request the role's. */
  headers(role: Role): Record<string, string>
}

/** A User with an OAuth access token of its own, as after a login. Resolves to the token. */
export async function logIn(lab: Lab, userName: string, expiresIn = 86_400): Promise<string> {
  const user = await lab.client.create(users, '', { metadata: { name: userName }, identities: null } as User)
  const token = createOAuthToken(randomBytes)
  await lab.client.create(oauthAccessTokens, '', {
    metadata: { name: hashOAuthToken(token) },
    clientName: 'openshift-challenging-client',
    userName,
    userUID: user.metadata.uid ?? '',
    expiresIn,
    scopes: ['user:full'],
  })
  return token
}

export function bind(namespace: string, userName: string, role: string): RoleBinding {
  return {
    metadata: {
      name: `${role}-${userName}`.replaceAll(':', '-'),
      ...(namespace === '' ? {} : { namespace }),
    },
    subjects: [{ kind: 'User', apiGroup: rbac, name: userName }],
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: role },
  }
}

/** Everybody logged in. Whoever's token is to have expired has had an hour. */
export async function openCast(lab: Lab): Promise<Cast> {
  const tokens = new Map<Role, string>()
  for (const role of everyRole) {
    if (role === 'anonymous') continue
    const userName = `${role.replace(' ', '-')}-user`
    tokens.set(role, await logIn(lab, userName, role === 'expired' ? 3600 : 86_400))
    const granted = roles[role]
    if (granted === 'cluster-admin') {
      await lab.client.create(clusterRoleBindings, '', bind('', userName, granted))
    } else if (granted !== undefined)
      await lab.client.create(roleBindings, 'demo', bind('demo', userName, granted))
    else await lab.client.create(roleBindings, 'theirs', bind('theirs', userName, 'admin'))
  }
  lab.clock.advance(3_600_000)
  return {
    headers(role): Record<string, string> {
      const token = tokens.get(role)
      return token === undefined ? {} : { authorization: `Bearer ${token}` }
    },
  }
}
