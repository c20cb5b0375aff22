import { findResource } from '../../client/index.ts'
import type { KubeObject } from '../../machinery/object.ts'
import type { Command, CommandContext } from '../command.ts'
import { BareError, CliError } from '../errors.ts'
import type { Flag } from '../parse/flags.ts'
import { builtin, createGenerated, generatorFlags, oneName } from './create-one.ts'
import { explainFor } from './create-secret.ts'

const group = 'rbac.authorization.k8s.io'

const ruleFlags: readonly Flag[] = [
  { name: 'resource', kind: 'list', help: 'Types that the rule is about, with /subresource where meant.' },
  { name: 'resource-name', kind: 'array', help: 'Names that the rule is limited to.' },
  { name: 'verb', kind: 'list', help: 'What may be done.' },
]

const bindingFlags: readonly Flag[] = [
  { name: 'clusterrole', kind: 'string', help: 'The cluster role to bind.' },
  { name: 'group', kind: 'array', help: 'Groups to bind it to.' },
  { name: 'serviceaccount', kind: 'array', help: 'Service accounts to bind it to, as namespace:name.' },
  { name: 'user', kind: 'array', help: 'Users to bind it to.' },
]

/** One rule an API group, in the order in which the groups were named. */
async function readRules({ flags, session }: CommandContext): Promise<object[]> {
  const verbs = [...new Set(flags.list('verb'))]
  if (verbs.length === 0) throw new CliError('at least one verb must be specified')
  if (flags.list('resource').length === 0) throw new CliError('at least one resource must be specified')
  const byGroup = new Map<string, string[]>()
  for (const text of flags.list('resource')) {
    const [type = '', subresource] = text.split('/')
    const found =
      type === '*' ? undefined : await session.discovery.find((discovered) => findResource(discovered, type))
    if (found === undefined && type !== '*')
      throw new BareError(`the server doesn't have a resource type ${JSON.stringify(type)}`)
    const name = `${found?.plural ?? '*'}${subresource === undefined ? '' : `/${subresource}`}`
    const apiGroup = found?.group ?? '*'
    byGroup.set(apiGroup, [...(byGroup.get(apiGroup) ?? []), name])
  }
  const resourceNames = flags.list('resource-name')
  return [...byGroup].map(([apiGroup, resources]) => ({
    verbs,
    apiGroups: [apiGroup],
    resources,
    ...(resourceNames.length === 0 ? {} : { resourceNames }),
  }))
}

function readSubjects({ flags }: CommandContext): object[] {
  return [
    ...flags.list('user').map((name) => ({ kind: 'User', apiGroup: group, name })),
    ...flags.list('group').map((name) => ({ kind: 'Group', apiGroup: group, name })),
    ...flags.list('serviceaccount').map((text) => {
      const [namespace = '', name = '', ...more] = text.split(':')
      if (namespace === '' || name === '' || more.length > 0)
        throw new CliError('serviceaccount must be <namespace>:<name>')
      return { kind: 'ServiceAccount', name, namespace }
    }),
  ]
}

function roleCommand(kind: 'Role' | 'ClusterRole', what: string): Command {
  const resource = builtin(group, 'v1', `${kind.toLowerCase()}s`, kind, kind === 'Role')
  return {
    usage: 'NAME --verb=verb --resource=resource.group/subresource [--resource-name=resourcename]',
    long: `Create ${what} with one rule.`,
    flags: [...generatorFlags, ...ruleFlags],
    run: async (context) => {
      const name = oneName(context.args)
      const object = { kind, apiVersion: `${group}/v1`, metadata: { name }, rules: await readRules(context) }
      await createGenerated(context, resource, object as KubeObject)
    },
  }
}

function bindingCommand(kind: 'RoleBinding' | 'ClusterRoleBinding', what: string): Command {
  const namespaced = kind === 'RoleBinding'
  const resource = builtin(group, 'v1', `${kind.toLowerCase()}s`, kind, namespaced)
  const roleFlag: Flag = { name: 'role', kind: 'string', help: 'The role to bind.' }
  return {
    usage: `NAME --clusterrole=NAME${namespaced ? '|--role=NAME' : ''} [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname]`,
    long: `Create ${what}.`,
    flags: [...generatorFlags, ...bindingFlags, ...(namespaced ? [roleFlag] : [])],
    run: async (context) => {
      const clusterRole = context.flags.string('clusterrole')
      const role = namespaced ? context.flags.string('role') : ''
      if ((clusterRole === '') === (role === '')) {
        throw new CliError(
          namespaced
            ? 'exactly one of clusterrole or role must be specified'
            : 'clusterrole must be specified',
        )
      }
      const subjects = readSubjects(context)
      const object = {
        kind,
        apiVersion: `${group}/v1`,
        metadata: { name: oneName(context.args) },
        ...(subjects.length === 0 ? {} : { subjects }),
        roleRef: { apiGroup: group, kind: role === '' ? 'ClusterRole' : 'Role', name: role || clusterRole },
      }
      await createGenerated(context, resource, object as KubeObject, {
        explain: explainFor(kind.toLowerCase()),
      })
    },
  }
}

export const createRoleCommand = roleCommand('Role', 'a role')
export const createClusterRoleCommand = roleCommand('ClusterRole', 'a cluster role')
export const createRoleBindingCommand = bindingCommand('RoleBinding', 'a role binding')
export const createClusterRoleBindingCommand = bindingCommand('ClusterRoleBinding', 'a cluster role binding')
