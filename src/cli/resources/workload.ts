import type { KubeObject, ObjectMeta } from '../../machinery/object.ts'

/** Where workloads keep their pod template. */

export interface Container {
  name: string
  image?: string
}

export interface PodTemplate {
  metadata?: ObjectMeta
  spec?: { containers?: Container[] | null; initContainers?: Container[] | null }
}

const templatePaths: Record<string, readonly string[]> = {
  Deployment: ['spec', 'template'],
  DaemonSet: ['spec', 'template'],
  StatefulSet: ['spec', 'template'],
  ReplicaSet: ['spec', 'template'],
  ReplicationController: ['spec', 'template'],
  DeploymentConfig: ['spec', 'template'],
  Job: ['spec', 'template'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template'],
}

/** Fields that lead to the pod template; [] for a pod itself; undefined for kinds that hold none. */
export function templatePath(kind: string): readonly string[] | undefined {
  return kind === 'Pod' ? [] : templatePaths[kind]
}

export function podTemplate(object: KubeObject): PodTemplate | undefined {
  const path = templatePath(object.kind ?? '')
  if (path === undefined) return undefined
  let at: unknown = object
  for (const field of path)
    at = typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[field] : undefined
  return (at ?? {}) as PodTemplate
}

/** `{a: {b: value}}` for the path a, b. */
export function nest(path: readonly string[], value: unknown): Record<string, unknown> {
  return path.reduceRight<unknown>((inner, field) => ({ [field]: inner }), value) as Record<string, unknown>
}

export function containersOf(template: PodTemplate | undefined): Container[] {
  return [...(template?.spec?.initContainers ?? []), ...(template?.spec?.containers ?? [])]
}
