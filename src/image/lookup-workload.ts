import type { Container, PodSpec } from '../api/index.ts'
import type { ObjectMeta } from '../machinery/index.ts'
import type { KubeObject } from '../machinery/object.ts'

/** Where workloads of the various kinds keep their pod spec, and reading and replacing the images in it (triggers.md §2, §7.2). */

export interface KindName {
  group: string
  kind: string
}

const template = ['spec', 'template', 'spec']
const paths: ReadonlyMap<string, readonly string[]> = new Map([
  ['/Pod', ['spec']],
  ['/PodTemplate', ['template', 'spec']],
  ['/ReplicationController', template],
  ['apps/Deployment', template],
  ['apps/StatefulSet', template],
  ['apps/DaemonSet', template],
  ['apps/ReplicaSet', template],
  ['extensions/Deployment', template],
  ['extensions/DaemonSet', template],
  ['extensions/ReplicaSet', template],
  ['batch/Job', template],
  ['batch/CronJob', ['spec', 'jobTemplate', 'spec', 'template', 'spec']],
  ['apps.openshift.io/DeploymentConfig', template],
])

/** Names of the fields that lead to the pod spec; undefined for kinds that have none that we know. */
export function podSpecPath({ group, kind }: KindName): readonly string[] | undefined {
  return paths.get(`${group}/${kind}`)
}

type Struct = Readonly<Record<string, unknown>>

/** The value under the field names; undefined where one of them is missing. */
export function valueAt(object: unknown, path: readonly string[]): unknown {
  let value = object
  for (const field of path) {
    if (typeof value !== 'object' || value === null) return undefined
    value = Object.hasOwn(value, field) ? (value as Struct)[field] : undefined
  }
  return value
}

function withValueAt(object: unknown, path: readonly string[], value: unknown): unknown {
  const [field, ...rest] = path
  if (field === undefined) return value
  return { ...(object as Struct), [field]: withValueAt((object as Struct)[field], rest, value) }
}

export function podSpecOf(object: KubeObject, path: readonly string[]): PodSpec | undefined {
  const spec = valueAt(object, path)
  return typeof spec === 'object' && spec !== null ? (spec as PodSpec) : undefined
}

export function withPodSpec<T extends KubeObject>(object: T, path: readonly string[], spec: PodSpec): T {
  return withValueAt(object, path, spec) as T
}

/** The object with images by the names of their containers, in its pod spec at `path`. */
export function withContainerImages<T extends KubeObject>(
  object: T,
  path: readonly string[],
  images: ReadonlyMap<string, string>,
): T {
  const spec = podSpecOf(object, path)
  if (spec === undefined) return object
  const put = (container: Container) => {
    const image = images.get(container.name)
    return image === undefined ? container : { ...container, image }
  }
  const { initContainers, containers } = spec
  return withPodSpec(object, path, {
    ...spec,
    containers: containers.map(put),
    ...(initContainers === undefined ? {} : { initContainers: initContainers.map(put) }),
  })
}

/** Metadata of the pod template; undefined for pods, which are none. */
export function templateMeta(object: KubeObject, path: readonly string[]): ObjectMeta | undefined {
  if (path.length < 2) return undefined
  return valueAt(object, [...path.slice(0, -1), 'metadata']) as ObjectMeta | undefined
}

export const containerLists = ['initContainers', 'containers'] as const
export type ContainerList = (typeof containerLists)[number]

export interface PlacedContainer {
  list: ContainerList
  index: number
  container: Container
}

/** Init containers first, as everywhere where a name is looked up. */
export function placedContainers(spec: PodSpec | undefined): PlacedContainer[] {
  return containerLists.flatMap((list) =>
    (spec?.[list] ?? []).map((container, index): PlacedContainer => ({ list, index, container })),
  )
}

/** Whether another object looks after this one, and writes it: then that one is where images are set. */
export function hasController(object: KubeObject): boolean {
  return (object.metadata.ownerReferences ?? []).some(({ controller }) => controller === true)
}
