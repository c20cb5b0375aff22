import type { Subject } from '../access/access.ts'
import { groupAuthenticated } from '../access/access.ts'

export const groupOAuth = 'system:authenticated:oauth'
const groupUnauthenticated = 'system:unauthenticated'

/** Everybody whose credentials were good is in `system:authenticated` (auth.md §1), last and once. */
export function withAuthenticatedGroup(subject: Subject): Subject {
  if (subject.groups.includes(groupAuthenticated) || subject.groups.includes(groupUnauthenticated)) {
    return subject
  }
  return { ...subject, groups: [...subject.groups, groupAuthenticated] }
}

/** `authentication.k8s.io/v1` UserInfo. */
export interface UserInfo {
  username?: string
  uid?: string
  groups?: string[]
  extra?: Record<string, string[]>
}

export function toUserInfo(subject: Subject): UserInfo {
  const extra = Object.entries(subject.extra ?? {}).map(([key, values]): [string, string[]] => [
    key,
    [...values],
  ])
  return {
    username: subject.name,
    ...(subject.uid === undefined || subject.uid === '' ? {} : { uid: subject.uid }),
    ...(subject.groups.length === 0 ? {} : { groups: [...subject.groups] }),
    ...(extra.length === 0 ? {} : { extra: Object.fromEntries(extra) }),
  }
}
