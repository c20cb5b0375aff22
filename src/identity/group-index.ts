import { groups as groupKind } from '../api/user/index.ts'
import type { Client } from '../client/client.ts'
import { openMirror } from './mirror.ts'

export interface GroupIndex {
  /** Names of the groups that list the user, sorted. */
  groupsOf(userName: string): string[]
}

/**
 * Follows Group objects, so that knowing a user's groups costs what the user is in. Resolves once all that exist
 * are known.
 */
export async function openGroupIndex(
  client: Client,
  signal: AbortSignal,
  onError?: (error: unknown) => void,
): Promise<GroupIndex> {
  const members = new Map<string, readonly string[]>()
  const groups = new Map<string, Set<string>>()

  const remove = (name: string) => {
    for (const user of members.get(name) ?? []) {
      const held = groups.get(user)
      held?.delete(name)
      if (held?.size === 0) groups.delete(user)
    }
    members.delete(name)
  }
  const put = (name: string, users: readonly string[]) => {
    remove(name)
    members.set(name, users)
    for (const user of users) groups.set(user, (groups.get(user) ?? new Set()).add(name))
  }

  const mirror = openMirror({
    client,
    kind: groupKind,
    signal,
    ...(onError === undefined ? {} : { onError }),
    reader: {
      put: ({ metadata, users }) => put(metadata.name ?? '', users ?? []),
      remove: ({ metadata }) => remove(metadata.name ?? ''),
    },
  })
  await mirror.ready
  return { groupsOf: (userName) => [...(groups.get(userName) ?? [])].sort() }
}
