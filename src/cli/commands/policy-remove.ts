import { type Query, type Rest, resourcePath } from '../../client/index.ts'
import type { CommandContext } from '../command.ts'
import { CliError } from '../errors.ts'
import { createPrinter } from '../print/printer.ts'
import {
  bindingResource,
  listBindings,
  type RoleBinding,
  rbacGroup,
  sameRole,
  sameSubject,
} from '../resources/role-bindings.ts'
import { type RoleRequest, roleLine } from './policy-roles.ts'

/** Taking a role (cli.md §13, "Remove"): out of every binding of the role. */

const autoUpdate = 'rbac.authorization.kubernetes.io/autoupdate'

export async function removeRole(context: CommandContext, request: RoleRequest): Promise<void> {
  const { io, flags, session } = context
  const rest = await session.rest()
  const printer = await createPrinter(flags, { cwd: io.cwd })
  const { role, subjects, namespace, cluster, bindingName } = request
  const all = await listBindings(rest, cluster, namespace)
  const ofRole = all.filter(
    (binding) =>
      sameRole(binding.roleRef, role) && (bindingName === '' || binding.metadata.name === bindingName),
  )
  const kind = bindingResource(cluster).kind
  if (ofRole.length === 0)
    throw new CliError(`unable to locate any ${kind} for ${role.kind} ${JSON.stringify(role.name)}`)
  const isTarget = (one: NonNullable<RoleBinding['subjects']>[number]) =>
    subjects.some((subject) => sameSubject(subject, one, namespace))
  const changed = ofRole
    .filter((binding) => (binding.subjects ?? []).some(isTarget))
    .map((binding) => ({ ...binding, subjects: (binding.subjects ?? []).filter((one) => !isTarget(one)) }))
  if (changed.length === 0) throw new CliError(`unable to find target [${request.shown.join(' ')}]`)
  if (printer !== undefined) {
    const list = { apiVersion: 'v1', kind: 'List', metadata: {}, items: changed }
    io.stdout.write(printer.print(changed.length === 1 ? (changed[0] as RoleBinding) : list, true))
    return
  }
  if (request.dryRun !== 'client') {
    const query: Query = { dryRun: request.dryRun === 'server' ? 'All' : undefined }
    for (const binding of changed) await writeRemaining(context, rest, { cluster, namespace, query }, binding)
  }
  io.stdout.write(roleLine(request, 'removed'))
}

export interface BindingPlace {
  cluster: boolean
  namespace: string
  query: Query
}

/** An empty binding goes, unless its annotation says that it is kept up to date. */
export async function writeRemaining(
  context: CommandContext,
  rest: Rest,
  place: BindingPlace,
  binding: RoleBinding,
): Promise<void> {
  const path = resourcePath(bindingResource(place.cluster), place.namespace, binding.metadata.name)
  const keep = binding.metadata.annotations?.[autoUpdate]
  if (keep === 'true') {
    context.io.stderr.write(
      `Warning: Your changes may get lost whenever a master is restarted, unless you prevent reconciliation of this ${place.cluster ? 'clusterrolebinding' : 'rolebinding'} using the following command: ${context.program} annotate ${bindingResource(place.cluster).singular}.${rbacGroup} ${binding.metadata.name} '${autoUpdate}=false' --overwrite\n`,
    )
  }
  if ((binding.subjects ?? []).length === 0 && keep !== 'false') {
    const body = { kind: 'DeleteOptions', apiVersion: `${rbacGroup}/v1` }
    await rest.request({ method: 'DELETE', path, query: place.query, body })
  } else await rest.request({ method: 'PUT', path, query: place.query, body: binding })
}
