import type { Command, CommandContext, Entry } from '../command.ts'
import { CliError } from '../errors.ts'
import { type DryRun, dryRunSuffix, readDryRun } from '../parse/dry-run.ts'
import type { Flag } from '../parse/flags.ts'
import { dryRunFlag } from '../parse/selection-flags.ts'
import { printFlags } from '../print/printer.ts'
import {
  groupSubject,
  type RbacSubject,
  type RoleRef,
  rbacGroup,
  userSubject,
} from '../resources/role-bindings.ts'

/** `add-role-to-user` and its seven siblings (cli.md §13): one request, read from words and flags. */

export interface RoleRequest {
  role: RoleRef
  subjects: RbacSubject[]
  /** As success lines show them. */
  shown: string[]
  /** --rolebinding-name. */
  bindingName: string
  cluster: boolean
  namespace: string
  dryRun: DryRun
}

interface Variant {
  add: boolean
  group: boolean
  cluster: boolean
}

export function roleCommands(cluster: boolean): Entry[] {
  const variants: Variant[] = [true, false].flatMap((add) =>
    [false, true].map((group) => ({ add, group, cluster })),
  )
  return variants.map((variant) => {
    const [verb, to] = variant.add ? ['add', 'to'] : ['remove', 'from']
    const whom = variant.group ? 'group' : 'user'
    const where = cluster ? 'everywhere' : 'in a project'
    const role = cluster ? 'cluster-role' : 'role'
    return {
      name: `${verb}-${role}-${to}-${whom}`,
      short: `${variant.add ? 'Give' : 'Take'} a role ${variant.add ? 'to' : 'from'} ${whom}s, ${where}`,
      load: () => Promise.resolve(roleCommand(variant)),
    }
  })
}

const pullerExample = `# Let the pods of project-a pull the images of project-b
$0 policy add-role-to-user system:image-puller system:serviceaccount:project-a:default -n project-b`

function roleCommand(variant: Variant): Command {
  const { add, group, cluster } = variant
  const own: Flag[] = [
    {
      name: 'rolebinding-name',
      kind: 'string',
      help: 'The binding to change, rather than one found by its role.',
    },
    ...(group
      ? []
      : [
          {
            name: 'serviceaccount',
            short: 'z',
            kind: 'list',
            help: 'Service accounts of the project.',
          } as const,
        ]),
    ...(cluster
      ? []
      : [
          {
            name: 'role-namespace',
            kind: 'string',
            help: 'The role is one of this namespace, not of the cluster.',
          } as const,
        ]),
  ]
  return {
    usage: group ? 'ROLE GROUP [GROUP ...]' : 'ROLE (USER | -z SERVICEACCOUNT) [USER ...]',
    long: `${add ? 'Give' : 'Take'} a role ${add ? 'to' : 'from'} ${group ? 'groups' : 'users or service accounts'}${cluster ? ', for the whole cluster' : ' of the current project'}.`,
    ...(add && !cluster && !group ? { examples: pullerExample } : {}),
    flags: [...printFlags, dryRunFlag(), ...own],
    run: async (context) => {
      const request = await readRequest(context, variant)
      if (add) return (await import('./policy-add.ts')).addRole(context, request)
      return (await import('./policy-remove.ts')).removeRole(context, request)
    },
  }
}

async function readRequest(context: CommandContext, variant: Variant): Promise<RoleRequest> {
  const { args, flags, session, io } = context
  const [roleName, ...names] = args
  const accounts = variant.group ? [] : flags.list('serviceaccount')
  if (variant.group) {
    if (names.length === 0)
      throw new CliError('you must specify at least two arguments: <role> <group> [group]...')
  } else {
    if (roleName === undefined) throw new CliError('you must specify a role')
    if (names.length === 0 && accounts.length === 0)
      throw new CliError('you must specify at least one user or service account')
  }
  const namespace = await session.namespace()
  const long = accounts.find((name) => name.startsWith('system:serviceaccount:'))
  if (long !== undefined) {
    throw new CliError(
      '--serviceaccount (-z) should only be used with short-form serviceaccount names (e.g. `default`)',
    )
  }
  const roleNamespace = variant.cluster ? '' : flags.string('role-namespace')
  if (roleNamespace !== '' && roleNamespace !== namespace) {
    throw new CliError(
      `role binding in namespace ${JSON.stringify(namespace)} can't reference role in different namespace ${JSON.stringify(roleNamespace)}`,
    )
  }
  const subjects = [
    ...names.map(variant.group ? groupSubject : userSubject),
    ...accounts.map((name): RbacSubject => ({ kind: 'ServiceAccount', namespace, name })),
  ]
  return {
    role: { apiGroup: rbacGroup, kind: roleNamespace === '' ? 'ClusterRole' : 'Role', name: roleName ?? '' },
    subjects,
    shown: [...names, ...accounts],
    bindingName: flags.string('rolebinding-name'),
    cluster: variant.cluster,
    namespace: variant.cluster ? '' : namespace,
    dryRun: readDryRun(flags, io),
  }
}

/** `clusterrole.rbac.authorization.k8s.io/view added: "bob"`; several targets stand in brackets. */
export function roleLine(request: RoleRequest, operation: 'added' | 'removed', object?: string): string {
  const targets = request.shown.map((name) => JSON.stringify(name))
  const shown = targets.length === 1 ? targets[0] : `[${targets.join(' ')}]`
  const name = object ?? `${request.role.kind.toLowerCase()}.${rbacGroup}/${request.role.name}`
  return `${name} ${operation}: ${shown}${dryRunSuffix(request.dryRun)}\n`
}
