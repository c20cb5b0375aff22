import { type Rest, resourcePath } from '../../client/index.ts'
import { isApiError } from '../../machinery/errors.ts'
import type { KubeObject } from '../../machinery/object.ts'
import type { Command, CommandContext } from '../command.ts'
import { CliError, UsageError } from '../errors.ts'
import { visible } from '../io.ts'
import { typedAccept } from '../resources/image-api.ts'
import { builtin } from './create-one.ts'
import { mayRequestProjects } from './login-projects.ts'
import { formatStatus, type StatusInput } from './status-report.ts'

/** cli.md §18.3. */
export const statusCommand: Command = {
  usage: '[-o dot | --suggest ]',
  long: 'Show what the project deploys and from which image stream tags, and what is wrong with it.',
  flags: [
    { name: 'all-namespaces', short: 'A', kind: 'bool', help: 'All projects.' },
    { name: 'suggest', kind: 'bool', help: 'Tell what to do about problems.' },
  ],
  run: runStatus,
}

const types = {
  deployments: builtin('apps', 'v1', 'deployments', 'Deployment'),
  daemonsets: builtin('apps', 'v1', 'daemonsets', 'DaemonSet'),
  statefulsets: builtin('apps', 'v1', 'statefulsets', 'StatefulSet'),
  jobs: builtin('batch', 'v1', 'jobs', 'Job'),
  cronjobs: builtin('batch', 'v1', 'cronjobs', 'CronJob'),
  services: builtin('', 'v1', 'services', 'Service'),
  replicationcontrollers: builtin('', 'v1', 'replicationcontrollers', 'ReplicationController'),
  pods: builtin('', 'v1', 'pods', 'Pod'),
  imagestreams: builtin('image.openshift.io', 'v1', 'imagestreams', 'ImageStream'),
  buildconfigs: builtin('build.openshift.io', 'v1', 'buildconfigs', 'BuildConfig'),
  deploymentconfigs: builtin('apps.openshift.io', 'v1', 'deploymentconfigs', 'DeploymentConfig'),
}

/** A type that is not there, or that may not be read, counts as empty. */
async function listType(rest: Rest, type: keyof typeof types, namespace: string): Promise<KubeObject[]> {
  const resource = types[type]
  try {
    const path = resourcePath(resource, namespace)
    const list = await rest.json<{ items?: KubeObject[] | null }>({
      method: 'GET',
      path,
      accept: typedAccept,
    })
    return (list.items ?? []).map((item) => ({ ...item, kind: resource.kind }))
  } catch (error) {
    if (isApiError(error) && (error.code === 403 || error.code === 404)) return []
    throw error
  }
}

async function runStatus(context: CommandContext): Promise<void> {
  const { args, flags, session, io, program } = context
  if (args.length > 0) throw new UsageError('no arguments should be provided')
  if (flags.bool('all-namespaces') && (await session.target()).namespaceGiven) {
    throw new CliError('--all-namespaces and --namespace are mutually exclusive')
  }
  const rest = await session.rest()
  const { namespace, server } = await session.target()
  const where = flags.bool('all-namespaces') ? '' : namespace
  const project =
    where === ''
      ? undefined
      : await rest.json<KubeObject>({
          method: 'GET',
          path: `/api/v1/namespaces/${where}`,
          accept: typedAccept,
        })
  if (where !== '') await mayRequestProjects(rest, where).catch(() => false)
  const names = Object.keys(types) as (keyof typeof types)[]
  const lists = await Promise.all(names.map((name) => listType(rest, name, where)))
  const byType = Object.fromEntries(
    names.map((name, i) => [name, lists[i] ?? []]),
  ) as unknown as StatusInput['objects']
  const display = project?.metadata.annotations?.['openshift.io/display-name']
  const title =
    where === ''
      ? `Showing all projects on server ${server}`
      : `In project ${display && display !== where ? `${display} (${where})` : where} on server ${server}`
  io.stdout.write(
    visible(
      formatStatus({ title, namespace: where, objects: byType, suggest: flags.bool('suggest'), program }),
    ),
  )
}
