import { type Rest, resourcePath } from '../../client/index.ts'
import type { KubeObject } from '../../machinery/object.ts'
import { typedAccept } from '../resources/image-api.ts'
import type { PodTemplate } from '../resources/workload.ts'
import { builtin } from './create-one.ts'

/** Earlier rollouts: the controllers that a workload left behind (cli.md §11.3). */

export interface Revision {
  number: number
  name: string
  object: KubeObject
  template: PodTemplate
  /** Of deployment configs. */
  phase: string
  reason: string
  /** Of deployments. */
  cause: string
}

export const replicationControllers = builtin('', 'v1', 'replicationcontrollers', 'ReplicationController')
const replicaSets = builtin('apps', 'v1', 'replicasets', 'ReplicaSet')

interface Controller extends KubeObject {
  spec?: { template?: PodTemplate }
}

async function list(rest: Rest, path: string, labelSelector: string | undefined): Promise<Controller[]> {
  const answer = await rest.json<{ items?: Controller[] | null }>({
    method: 'GET',
    path,
    query: { labelSelector },
    accept: typedAccept,
  })
  return answer.items ?? []
}

function toRevision(object: Controller, numberKey: string): Revision {
  const annotations = object.metadata.annotations ?? {}
  return {
    number: Number(annotations[numberKey] ?? 0),
    name: object.metadata.name ?? '',
    object,
    template: object.spec?.template ?? {},
    phase: annotations['openshift.io/deployment.phase'] ?? '',
    reason: annotations['openshift.io/deployment.status-reason'] ?? '',
    cause: annotations['kubernetes.io/change-cause'] ?? '',
  }
}

/** Oldest first. */
export async function readRevisions(rest: Rest, workload: KubeObject): Promise<Revision[]> {
  const { name = '', namespace = '', uid } = workload.metadata
  if (workload.kind === 'DeploymentConfig') {
    const controllers = await list(
      rest,
      resourcePath(replicationControllers, namespace),
      `openshift.io/deployment-config.name=${name}`,
    )
    return controllers
      .map((one) => toRevision(one, 'openshift.io/deployment-config.latest-version'))
      .sort((a, b) => a.number - b.number)
  }
  const labels =
    (workload as { spec?: { selector?: { matchLabels?: Record<string, string> } } }).spec?.selector
      ?.matchLabels ?? {}
  const selector = Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',')
  const sets = await list(rest, resourcePath(replicaSets, namespace), selector || undefined)
  const own = sets.filter((set) => (set.metadata.ownerReferences ?? []).some((owner) => owner.uid === uid))
  return own
    .map((one) => toRevision(one, 'deployment.kubernetes.io/revision'))
    .sort((a, b) => a.number - b.number)
}
