import { findResource, type Query, type Rest, resourcePath } from '../../client/index.ts'
import { isApiError } from '../../machinery/errors.ts'
import type { CommandContext } from '../command.ts'
import { CliError } from '../errors.ts'
import { createPrinter } from '../print/printer.ts'
import { typedAccept } from '../resources/image-api.ts'
import {
  bindingResource,
  listBindings,
  type RbacSubject,
  type RoleBinding,
  rbacGroup,
  sameRole,
  sameSubject,
} from '../resources/role-bindings.ts'
import { type RoleRequest, roleLine } from './policy-roles.ts'

/** Giving a role (cli.md §13, "Add"). */

export async function addRole(context: CommandContext, request: RoleRequest): Promise<void> {
  const { io, flags, session } = context
  const rest = await session.rest()
  const printer = await createPrinter(flags, { cwd: io.cwd })
  const existing = await listBindings(rest, request.cluster, request.namespace)
  const done = existing.find((binding) => holdsAll(binding, request))
  if (done !== undefined && printer === undefined) {
    io.stdout.write(roleLine(request, 'added'))
    return
  }
  const binding = done ?? (await planBinding(rest, request))
  if (done === undefined) await warnAboutMissing(context, rest, request, binding)
  if (printer !== undefined) {
    io.stdout.write(printer.print(binding, true))
    return
  }
  if (request.dryRun === 'client') {
    const name = `${bindingResource(request.cluster).singular}.${rbacGroup}/${binding.metadata.name}`
    io.stdout.write(roleLine(request, 'added', name))
    return
  }
  await write(rest, request, binding)
  io.stdout.write(roleLine(request, 'added'))
}

function holdsAll(binding: RoleBinding, { role, subjects, bindingName, namespace }: RoleRequest): boolean {
  if (!sameRole(binding.roleRef, role) || (bindingName !== '' && binding.metadata.name !== bindingName))
    return false
  return subjects.every((subject) =>
    (binding.subjects ?? []).some((one) => sameSubject(one, subject, namespace)),
  )
}

function freeName(taken: ReadonlySet<string>, role: string): string {
  if (!taken.has(role)) return role
  for (let i = 0; ; i++) if (!taken.has(`${role}-${i}`)) return `${role}-${i}`
}

/** The named binding with the subjects added, or a new one; one that is there already carries its resourceVersion. */
async function planBinding(rest: Rest, request: RoleRequest): Promise<RoleBinding> {
  const { role, subjects, bindingName, namespace, cluster } = request
  const existing = await listBindings(rest, cluster, namespace)
  const named =
    bindingName === '' ? undefined : existing.find((binding) => binding.metadata.name === bindingName)
  if (named !== undefined) {
    if (!sameRole(named.roleRef, role)) {
      throw new CliError(`rolebinding ${bindingName} found for role ${named.roleRef.name}, not ${role.name}`)
    }
    const fresh = subjects.filter(
      (subject) => !(named.subjects ?? []).some((one) => sameSubject(one, subject, namespace)),
    )
    return { ...named, subjects: [...(named.subjects ?? []), ...fresh] }
  }
  const name =
    bindingName || freeName(new Set(existing.map((binding) => binding.metadata.name ?? '')), role.name)
  return {
    kind: bindingResource(cluster).kind,
    apiVersion: `${rbacGroup}/v1`,
    metadata: { name, ...(cluster ? {} : { namespace }) },
    subjects,
    roleRef: role,
  }
}

async function exists(rest: Rest, path: string): Promise<boolean> {
  try {
    await rest.request({ method: 'GET', path, accept: typedAccept })
    return true
  } catch (error) {
    // Only a clear 404 is worth a word; who may not look must not be worried.
    if (isApiError(error)) return error.code !== 404
    throw error
  }
}

async function warnAboutMissing(
  context: CommandContext,
  rest: Rest,
  request: RoleRequest,
  binding: RoleBinding,
): Promise<void> {
  const { io, session } = context
  const { role, namespace, subjects } = request
  const roles = role.kind === 'Role' ? `namespaces/${namespace}/roles` : 'clusterroles'
  if (!(await exists(rest, `/apis/${rbacGroup}/v1/${roles}/${role.name}`))) {
    io.stderr.write(`Warning: role '${role.name}' not found\n`)
  }
  const discovered = await session.discovery.get()
  const hasUsers = findResource(discovered, 'users.user.openshift.io') !== undefined
  // Of an existing binding only those that are new: planBinding added exactly these objects.
  const added = (binding.subjects ?? []).filter((one) => subjects.includes(one))
  for (const subject of added) {
    const path = subjectPath(subject, namespace, hasUsers)
    if (path !== undefined && !(await exists(rest, path))) {
      io.stderr.write(`Warning: ${subject.kind} '${subject.name}' not found\n`)
    }
  }
}

function subjectPath(subject: RbacSubject, namespace: string, hasUsers: boolean): string | undefined {
  if (subject.kind === 'ServiceAccount')
    return `/api/v1/namespaces/${subject.namespace || namespace}/serviceaccounts/${subject.name}`
  if (!hasUsers) return undefined
  return `/apis/user.openshift.io/v1/${subject.kind === 'User' ? 'users' : 'groups'}/${encodeURIComponent(subject.name).replaceAll('%3A', ':')}`
}

async function write(rest: Rest, request: RoleRequest, binding: RoleBinding): Promise<void> {
  const resource = bindingResource(request.cluster)
  const query: Query = { dryRun: request.dryRun === 'server' ? 'All' : undefined }
  if (binding.metadata.resourceVersion !== undefined) {
    await rest.request({
      method: 'PUT',
      path: resourcePath(resource, request.namespace, binding.metadata.name),
      query,
      body: binding,
    })
    return
  }
  let next = binding
  for (let attempt = 0; ; attempt++) {
    try {
      await rest.request({
        method: 'POST',
        path: resourcePath(resource, request.namespace),
        query,
        body: next,
      })
      return
    } catch (error) {
      // Someone took the name in between.
      if (!isApiError(error, 'AlreadyExists') || attempt >= 4 || request.bindingName !== '') throw error
      next = await planBinding(rest, request)
    }
  }
}
