import type { Subject } from '../access/access.ts'
import {
  clusterRoleBindings,
  clusterRoles,
  openshiftClusterRoleBindings,
  openshiftClusterRoles,
  openshiftRoleBindings,
  openshiftRoles,
  roleBindings,
  roles,
} from '../api/index.ts'
import type { Client } from '../client/client.ts'
import { isApiError } from '../machinery/errors.ts'
import type { Kind } from '../machinery/kind.ts'
import type { KubeObject } from '../machinery/object.ts'
import type { Endpoint, UpdateRequest, UpdateResult } from '../resources/endpoint.ts'
import { withTypeMeta } from '../resources/object-codec.ts'
import { fromFlatBinding, fromFlatRole, toFlatBinding, toFlatRole } from './flat-rbac.ts'

export interface FlatRbacDeps {
  /** Acts as the caller, so that rights and the check against escalation are those of the kinds behind the views. */
  clientFor(subject: Subject): Client
}

interface View {
  kind: Kind
  of: Kind
  show(stored: KubeObject): KubeObject
  store(shown: KubeObject, before?: KubeObject): KubeObject
}

const roleView = { show: toFlatRole, store: fromFlatRole } as unknown as Pick<View, 'show' | 'store'>
const bindingView = { show: toFlatBinding, store: fromFlatBinding } as unknown as Pick<View, 'show' | 'store'>

const views: readonly View[] = [
  { kind: openshiftRoles, of: roles, ...roleView },
  { kind: openshiftClusterRoles, of: clusterRoles, ...roleView },
  { kind: openshiftRoleBindings, of: roleBindings, ...bindingView },
  { kind: openshiftClusterRoleBindings, of: clusterRoleBindings, ...bindingView },
] as unknown as readonly View[]

/** How often a patch that lost a race is run again. */
const maxAttempts = 5

/** Roles and bindings of `authorization.openshift.io`: views of the RBAC kinds, read and written through them. */
export function createFlatRbacEndpoints(deps: FlatRbacDeps): Endpoint[] {
  return views.map((view) => createViewEndpoint(view, deps))
}

function createViewEndpoint({ kind, of, show, store }: View, { clientFor }: FlatRbacDeps): Endpoint {
  const shown = (stored: KubeObject) => withTypeMeta(kind, show(stored))

  async function updateOnce({
    caller,
    namespace,
    name,
    transform,
    dryRun,
  }: UpdateRequest): Promise<UpdateResult> {
    const client = clientFor(caller)
    const before = shown(await client.get(of, namespace, name))
    const next = store(transform(before), before)
    return { object: shown(await client.update(of, namespace, next, { dryRun })), created: false }
  }

  return {
    kind,
    get: async ({ caller, namespace, name }) => shown(await clientFor(caller).get(of, namespace, name)),
    async list({ caller, namespace, options }) {
      const { metadata, items } = await clientFor(caller).list(of, namespace, options)
      return { metadata, items: items.map(show) }
    },
    create: async ({ caller, namespace, object, dryRun }) =>
      shown(await clientFor(caller).create(of, namespace, store(object), { dryRun })),
    async update(request) {
      for (let attempt = 1; ; attempt++) {
        try {
          return await updateOnce(request)
        } catch (error) {
          if (!request.retryConflicts || attempt >= maxAttempts || !isApiError(error, 'Conflict')) throw error
        }
      }
    },
    delete: ({ caller, namespace, name, options }) => clientFor(caller).delete(of, namespace, name, options),
  }
}
