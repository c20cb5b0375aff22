import type { Subject } from '../access/access.ts'
import { bindingRefusal, type Policy, roleRefusal } from '../access/index.ts'
import type { ClusterRole, Role, RoleBinding } from '../api/index.ts'
import { clusterRoleBindings, clusterRoles, roleBindings, roles } from '../api/index.ts'
import type { ApiError } from '../machinery/errors.ts'
import type { Kind } from '../machinery/kind.ts'
import type { KubeObject } from '../machinery/object.ts'
import type { Endpoint } from '../resources/endpoint.ts'
import { createStoredEndpoint, type StoredDeps } from '../resources/stored-endpoint.ts'
import { hookStrategy, type WriteStrategy } from '../resources/write-strategy.ts'

export interface RbacDeps extends StoredDeps {
  policy(): Policy
}

type Refuse = (subject: Subject, object: KubeObject, policy: Policy) => ApiError | undefined

/** Roles and bindings: nobody gives what he does not hold himself (auth.md U-84). */
export function createRbacEndpoints(deps: RbacDeps): Endpoint[] {
  const guarded = (kind: Kind, refuse: Refuse) =>
    createStoredEndpoint(kind, deps, { strategy: guardedStrategy(kind, refuse, deps) })
  return [
    guarded(roles, refuseRole),
    guarded(clusterRoles, refuseRole),
    guarded(roleBindings, refuseBinding),
    guarded(clusterRoleBindings, refuseBinding),
  ]
}

function guardedStrategy(kind: Kind, refuse: Refuse, { policy }: RbacDeps): WriteStrategy {
  const plain = hookStrategy(kind)
  const check = (subject: Subject, object: KubeObject) => {
    const refused = refuse(subject, object, policy())
    if (refused !== undefined) throw refused
  }
  return {
    kind,
    async create(next, request) {
      check(request.caller, next)
      return plain.create(next, request)
    },
    async update(next, old, request) {
      check(request.caller, next)
      return plain.update(next, old, request)
    },
  }
}

function refuseRole(subject: Subject, object: KubeObject, policy: Policy): ApiError | undefined {
  const { metadata, rules, ...rest } = object as Role & Pick<ClusterRole, 'aggregationRule'>
  const isAggregated = rest.aggregationRule !== undefined
  const { name = '', namespace = '' } = metadata
  return roleRefusal(subject, { name, namespace, rules: rules ?? [], isAggregated }, policy)
}

function refuseBinding(subject: Subject, object: KubeObject, policy: Policy): ApiError | undefined {
  const { metadata, roleRef } = object as RoleBinding
  const { name = '', namespace = '' } = metadata
  return bindingRefusal(subject, { name, namespace, roleRef }, policy)
}
