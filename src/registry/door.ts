import { LRUCache } from 'lru-cache'
import type { Revision, Store } from '../store/index.ts'

/**
 * Who has just been let in to pull what. An admission counts for a moment, and only while neither the store nor the policy has
 * changed since it was asked for: so a logout, a withdrawn right or a deleted account closes the door at once, and a token
 * that runs out does within that moment.
 */
export interface Door {
  /** Whether whoever sends this header was let in to pull from the repository, and nothing has happened since. */
  isOpen(authorization: string, repository: string): boolean
  /** What an admission that is now asked for will have been based on. */
  now(): DoorMoment
  admit(authorization: string, repository: string, since: DoorMoment): void
}

export interface DoorMoment {
  revision: Revision
  policy: number
  time: number
}

export interface DoorOptions {
  store: Pick<Store, 'revision'>
  clock(): Date
  /** Calls the listener at every change of roles and bindings. */
  onPolicyChange(listener: () => void): void
}

/** Milliseconds that an admission lasts. */
const patience = 1000
const maxCallers = 2000
const maxRepositories = 500

export function createDoor({ store, clock, onPolicyChange }: DoorOptions): Door {
  const callers = new LRUCache<string, Map<string, DoorMoment>>({ max: maxCallers })
  let policy = 0
  onPolicyChange(() => {
    policy++
  })
  return {
    now: () => ({ revision: store.revision(), policy, time: clock().getTime() }),

    isOpen(authorization, repository) {
      const admitted = callers.get(authorization)?.get(repository)
      if (admitted === undefined || admitted.policy !== policy) return false
      return admitted.revision === store.revision() && clock().getTime() - admitted.time < patience
    },

    admit(authorization, repository, since) {
      const known = callers.get(authorization) ?? new Map<string, DoorMoment>()
      if (known.size >= maxRepositories) known.clear()
      known.set(repository, since)
      callers.set(authorization, known)
    },
  }
}
