import type { ImageStream } from '../../api/index.ts'
import { type Rest, resourcePath } from '../../client/index.ts'
import type { PruneTables } from '../../client/prune/index.ts'
import {
  type ImageTable,
  imageFacts,
  type LimitRange,
  type PrunableImage,
  type ReferenceCollector,
} from '../../image/index.ts'
import { isApiError } from '../../machinery/errors.ts'
import type { KubeObject, ListMeta } from '../../machinery/object.ts'
import type { CommandContext } from '../command.ts'
import { builtin } from '../commands/create-one.ts'
import { CliError, messageOf } from '../errors.ts'
import { imageStreams, images, typedAccept } from '../resources/image-api.ts'
import { otherHolders } from './other-holders.ts'

/** The lists that pruning starts from, in the reference's order (pruning.md §2). */

export interface PruneInputs {
  limitRanges: LimitRange[]
  /** Of the list of images. */
  imagesRevision: string
  /** Where the youngest pushed image can be pulled from (P-40). */
  managedReference: string | undefined
}

export interface ReadOptions {
  rest: Rest
  /** '' for all. */
  namespace: string
  /** Takes what there is of streams and images. */
  tables: PruneTables
  /** Is told of every object that may use images. */
  references: ReferenceCollector
  /** P-6: go on where workloads may not be listed. */
  ignoresForbidden: boolean
  /** Kinds beyond OpenShift's own list, custom resources above all. */
  searchesOthers: boolean
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

/** Page by page: only what pruning needs of each object is kept. Resolves to the revision of the list. */
async function readPages<T>(
  rest: Rest,
  path: string,
  limit: number | undefined,
  take: (object: T) => void,
): Promise<string> {
  let token: string | undefined
  for (;;) {
    const { items, metadata } = await rest.json<{ metadata?: ListMeta; items?: T[] | null }>({
      method: 'GET',
      path,
      query: { continue: token, limit },
      accept: typedAccept,
    })
    for (const item of items ?? []) take(item)
    token = metadata?.continue || undefined
    if (token === undefined) return metadata?.resourceVersion ?? ''
  }
}

/** Objects of a page: `oc` takes all streams at once, and 5,000 images. */
const pageSizes = {
  careful: { streams: 100, images: 200 },
  oc: { streams: undefined, images: 5000 },
} as const

async function readImages(
  rest: Rest,
  limit: number,
  table: ImageTable,
): Promise<Pick<PruneInputs, 'imagesRevision' | 'managedReference'>> {
  let youngest = Number.NEGATIVE_INFINITY
  let managedReference: string | undefined
  const imagesRevision = await readPages<PrunableImage>(rest, resourcePath(images, ''), limit, (image) => {
    const found = imageFacts(image)
    if (typeof found === 'string') throw new CliError(found)
    table.add(found)
    if (found.managed && found.created > youngest) {
      youngest = found.created
      managedReference = image.dockerImageReference
    }
  })
  return { imagesRevision, managedReference }
}

async function readHolders({ io }: CommandContext, options: ReadOptions): Promise<void> {
  const { rest, namespace, references } = options
  for (const [group, version, plural, kind, tolerance] of holderTypes) {
    try {
      const path = resourcePath(builtin(group, version, plural, kind), namespace)
      for (const item of await readList<KubeObject>(rest, path)) references.add({ ...item, kind })
    } catch (error) {
      const code = isApiError(error) ? error.code : 0
      if (code === 404 && tolerance === 'missing') continue
      if (code !== 403 || tolerance !== 'forbidden') throw error
      if (!options.ignoresForbidden) throw forbiddenList(plural, error)
      io.stderr.write(
        `Failed to list ${plural}: ${messageOf(error)}\n - * Make sure to update clusterRoleBindings.\n`,
      )
    }
  }
}

/** P-6, the careful way. */
function forbiddenList(plural: string, error: unknown): CliError {
  return new CliError(
    `failed to list ${plural}: ${messageOf(error)}\nImages that only they use would be removed. Grant the right to list them, or go on with --ignore-forbidden.`,
  )
}

/** Kinds that OpenShift's pruner doesn't look at; one that may not be listed is told and left out. */
async function readOthers({ io, session }: CommandContext, options: ReadOptions): Promise<void> {
  const { rest, namespace, references } = options
  const discovered = await session.discovery.refresh()
  for (const resource of otherHolders(discovered.resources)) {
    if (namespace !== '' && !resource.namespaced) continue
    try {
      await readPages<KubeObject>(rest, resourcePath(resource, namespace), 500, (object) =>
        references.add({ ...object, kind: resource.kind }),
      )
    } catch (error) {
      if (!isApiError(error) || ![403, 404, 405].includes(error.code)) throw error
      if (error.code !== 403) continue
      io.stderr.write(
        `Failed to list ${resource.plural}, whose images are not protected: ${messageOf(error)}\n`,
      )
    }
  }
}

export async function readInputs(context: CommandContext, options: ReadOptions): Promise<PruneInputs> {
  const { rest, namespace, tables } = options
  await readHolders(context, options)
  const limitRanges = await readList<LimitRange>(
    rest,
    resourcePath(builtin('', 'v1', 'limitranges', 'LimitRange'), namespace),
  )
  const sizes = context.program === 'oc' ? pageSizes.oc : pageSizes.careful
  await readPages<ImageStream>(rest, resourcePath(imageStreams, namespace), sizes.streams, tables.streams.add)
  const found = await readImages(rest, sizes.images, tables.images)
  if (options.searchesOthers) await readOthers(context, options)
  return { limitRanges, ...found }
}
