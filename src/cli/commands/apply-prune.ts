import { type ApiResource, findKind, type Rest, resourcePath } from '../../client/index.ts'
import { isApiError } from '../../machinery/errors.ts'
import type { KubeObject } from '../../machinery/object.ts'
import type { CommandContext } from '../command.ts'
import { CliError } from '../errors.ts'
import type { DryRun } from '../parse/dry-run.ts'
import type { Flag } from '../parse/flags.ts'
import type { MappedObject } from '../resources/file-targets.ts'
import { lastAppliedAnnotation } from '../resources/last-applied.ts'
import { type ListPage, listPages } from '../resources/list.ts'

/** `apply --prune`: objects that an earlier apply made, and this one's files no longer hold, go. */

export const pruneFlags: readonly Flag[] = [
  { name: 'all', kind: 'bool', help: 'With --prune: whatever its labels.' },
  {
    name: 'prune',
    kind: 'bool',
    help: 'Delete what an earlier apply made and the files no longer hold; needs -l or --all.',
  },
  {
    name: 'prune-allowlist',
    kind: 'array',
    help: "With --prune: a type that may go, as GROUP/VERSION/KIND (core for the group without a name); default kubectl's list.",
  },
]

/** kubectl's own list; image streams are on it only when they are named. */
const usual = [
  ...['ConfigMap', 'Endpoints', 'Pod', 'ReplicationController', 'Secret', 'Service'].map(
    (kind) => `core/v1/${kind}`,
  ),
  ...['Job', 'CronJob'].map((kind) => `batch/v1/${kind}`),
  ...['DaemonSet', 'Deployment', 'ReplicaSet', 'StatefulSet'].map((kind) => `apps/v1/${kind}`),
]

/** Throws CliError for flags that don't belong together. */
export function checkPrune({ flags }: CommandContext): void {
  if (!flags.bool('prune')) return
  if (flags.bool('all') && flags.string('selector') !== '')
    throw new CliError('cannot set --all and --selector at the same time')
  if (!flags.bool('all') && flags.string('selector') === '')
    throw new CliError(
      'all resources selected for prune without explicitly passing --all. To prune all resources, pass the --all flag. If you did not mean to prune all resources, specify a label selector',
    )
}

async function allowedTypes({ flags, session }: CommandContext): Promise<ApiResource[]> {
  const given = flags.list('prune-allowlist')
  const found: ApiResource[] = []
  for (const text of given.length > 0 ? given : usual) {
    const [group, version, kind, ...more] = text.split('/')
    if (group === undefined || version === undefined || kind === undefined || more.length > 0)
      throw new CliError(`invalid GroupVersionKind format: ${text}, please follow <group/version/kind>`)
    const apiVersion = group === 'core' || group === '' ? version : `${group}/${version}`
    const resource = await session.discovery.find((discovered) => findKind(discovered, apiVersion, kind))
    if (resource !== undefined) found.push(resource)
    else if (given.length > 0)
      throw new CliError(
        `no matches for kind ${JSON.stringify(kind)} in version ${JSON.stringify(apiVersion)}`,
      )
  }
  return found
}

/** Only in namespaces that something was applied to, as kubectl does. */
export async function pruneApplied(
  context: CommandContext,
  applied: readonly MappedObject[],
  dryRun: DryRun,
  tell: (object: KubeObject, operation: string) => void,
): Promise<void> {
  const { flags, session } = context
  const rest = await session.rest()
  const kept = new Set(
    applied.map(({ resource, namespace, object }) => keyOf(resource, namespace, object.metadata.name)),
  )
  const namespaces = new Set(applied.map(({ namespace }) => namespace).filter((name) => name !== ''))
  for (const resource of await allowedTypes(context)) {
    for (const namespace of resource.namespaced ? namespaces : ['']) {
      const request = { limit: 500, labelSelector: flags.string('selector') }
      for await (const page of listPages<ListPage & { items?: KubeObject[] }>(
        rest,
        resource,
        namespace,
        request,
      )) {
        for (const item of page.items ?? []) {
          if (item.metadata.annotations?.[lastAppliedAnnotation] === undefined) continue
          if (kept.has(keyOf(resource, namespace, item.metadata.name))) continue
          await deleteOne(rest, resource, namespace, item, dryRun)
          tell(withType(item, resource), 'pruned')
        }
      }
    }
  }
}

const keyOf = ({ group, plural }: ApiResource, namespace: string, name = '') =>
  `${group}/${plural}/${namespace}/${name}`

function withType(item: KubeObject, { group, version, kind }: ApiResource): KubeObject {
  return { ...item, apiVersion: group === '' ? version : `${group}/${version}`, kind }
}

async function deleteOne(
  rest: Rest,
  resource: ApiResource,
  namespace: string,
  item: KubeObject,
  dryRun: DryRun,
): Promise<void> {
  if (dryRun === 'client') return
  try {
    await rest.json({
      method: 'DELETE',
      path: resourcePath(resource, namespace, item.metadata.name),
      query: { dryRun: dryRun === 'server' ? 'All' : undefined },
      body: { propagationPolicy: 'Background', preconditions: { uid: item.metadata.uid } },
    })
  } catch (error) {
    if (!isApiError(error) || error.code !== 404) throw error
  }
}
