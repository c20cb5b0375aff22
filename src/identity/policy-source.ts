import type { Action, Subject } from '../access/access.ts'
import { decide } from '../access/decide.ts'
import type { Policy, PolicyKind } from '../access/policy.ts'
import { createPolicy } from '../access/policy.ts'
import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from '../api/rbac/index.ts'
import { clusterRoleBindings, clusterRoles, roleBindings, roles } from '../api/rbac/index.ts'
import type { Client } from '../client/client.ts'
import type { Kind } from '../machinery/kind.ts'
import type { Mirror } from './mirror.ts'
import { openMirror } from './mirror.ts'

/** The policy in force. */
export interface PolicySource {
  policy(): Policy
  /** Called after every change of the policy; the answer ends that. */
  onChange(listener: () => void): () => void
}

type Stored = ClusterRole | ClusterRoleBinding | Role | RoleBinding

/** Follows roles and bindings; resolves once all that exist are in force. */
export async function openPolicySource(
  client: Client,
  signal: AbortSignal,
  onError?: (error: unknown) => void,
): Promise<PolicySource> {
  const policy = createPolicy()
  const listeners = new Set<() => void>()
  const changed = () => {
    for (const listener of listeners) listener()
  }
  const mirror = <T extends Stored>(name: PolicyKind, kind: Kind<T>): Mirror =>
    openMirror({
      client,
      kind,
      signal,
      ...(onError === undefined ? {} : { onError }),
      reader: {
        put(object) {
          policy.put(name, object)
          changed()
        },
        remove({ metadata }) {
          policy.remove(name, metadata.namespace ?? '', metadata.name ?? '')
          changed()
        },
      },
    })
  await Promise.all([
    mirror('clusterRoles', clusterRoles).ready,
    mirror('clusterRoleBindings', clusterRoleBindings).ready,
    mirror('roles', roles).ready,
    mirror('roleBindings', roleBindings).ready,
  ])
  return {
    policy: () => policy,
    onChange(listener) {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
  }
}

/**
 * Resolves once the subject may do this: after a binding was written, for the policy follows a moment later. Rejects when the
 * signal aborts first.
 */
export function untilAllowed(
  source: PolicySource,
  subject: Subject,
  action: Action,
  signal: AbortSignal,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const look = () => {
    if (decide(subject, action, source.policy()).allowed) resolve()
  }
  const abort = () => reject(signal.reason)
  const stop = source.onChange(look)
  signal.addEventListener('abort', abort, { once: true })
  if (signal.aborted) abort()
  look()
  return promise.finally(() => {
    stop()
    signal.removeEventListener('abort', abort)
  })
}
