import { type Rest, resourcePath } from '../../client/index.ts'
import { isApiError } from '../../machinery/errors.ts'
import type { KubeObject, ListMeta } from '../../machinery/object.ts'
import type { CommandContext } from '../command.ts'
import { builtin } from '../commands/create-one.ts'
import { messageOf } from '../errors.ts'
import { imageStreams, images, typedAccept } from '../resources/image-api.ts'
import type { ImageObject, StreamObject } from '../resources/image-types.ts'

/** The lists that pruning starts from, in the reference's order (pruning.md §2). */

export interface PruneInputs {
  /** Pods and all that makes pods or builds. */
  holders: KubeObject[]
  limitRanges: KubeObject[]
  streams: StreamObject[]
  images: ImageObject[]
}

type Tolerance = 'none' | 'missing' | 'forbidden'

const holderTypes: readonly (readonly [string, string, string, string, Tolerance])[] = [
  ['', 'v1', 'pods', 'Pod', 'none'],
  ['', 'v1', 'replicationcontrollers', 'ReplicationController', 'none'],
  ['build.openshift.io', 'v1', 'buildconfigs', 'BuildConfig', 'missing'],
  ['build.openshift.io', 'v1', 'builds', 'Build', 'missing'],
  ['apps', 'v1', 'daemonsets', 'DaemonSet', 'forbidden'],
  ['apps', 'v1', 'deployments', 'Deployment', 'forbidden'],
  ['apps.openshift.io', 'v1', 'deploymentconfigs', 'DeploymentConfig', 'missing'],
  ['apps', 'v1', 'replicasets', 'ReplicaSet', 'forbidden'],
  ['apps', 'v1', 'statefulsets', 'StatefulSet', 'none'],
  ['batch', 'v1', 'jobs', 'Job', 'none'],
  ['batch', 'v1', 'cronjobs', 'CronJob', 'none'],
]

async function readList<T>(rest: Rest, path: string): Promise<T[]> {
  const list = await rest.json<{ items?: T[] | null }>({ method: 'GET', path, accept: typedAccept })
  return list.items ?? []
}

async function readImages(rest: Rest): Promise<ImageObject[]> {
  const all: ImageObject[] = []
  let token: string | undefined
  do {
    const page = await rest.json<{ metadata?: ListMeta; items?: ImageObject[] | null }>({
      method: 'GET',
      path: resourcePath(images, ''),
      query: { continue: token, limit: 5000 },
      accept: typedAccept,
    })
    all.push(...(page.items ?? []))
    token = page.metadata?.continue || undefined
  } while (token !== undefined)
  return all
}

export async function readInputs(
  { io }: CommandContext,
  rest: Rest,
  namespace: string,
): Promise<PruneInputs> {
  const holders: KubeObject[] = []
  for (const [group, version, plural, kind, tolerance] of holderTypes) {
    try {
      const items = await readList<KubeObject>(
        rest,
        resourcePath(builtin(group, version, plural, kind), namespace),
      )
      holders.push(...items.map((item) => ({ ...item, kind })))
    } catch (error) {
      const code = isApiError(error) ? error.code : 0
      if (code === 404 && tolerance === 'missing') continue
      if (code !== 403 || tolerance !== 'forbidden') throw error
      io.stderr.write(
        `Failed to list ${plural}: ${messageOf(error)}\n - * Make sure to update clusterRoleBindings.\n`,
      )
    }
  }
  const limitRanges = await readList<KubeObject>(
    rest,
    resourcePath(builtin('', 'v1', 'limitranges', 'LimitRange'), namespace),
  )
  const streams = await readList<StreamObject>(rest, resourcePath(imageStreams, namespace))
  return { holders, limitRanges, streams, images: await readImages(rest) }
}
