import {
  cronJobs,
  daemonSets,
  deployments,
  jobs,
  type Pod,
  replicaSets,
  replicationControllers,
  statefulSets,
} from '../../api/index.ts'
import {
  planTriggers,
  podImages,
  triggersAnnotation,
  triggerTarget,
  withContainerImages,
} from '../../image/index.ts'
import { apiVersionOf, type Kind } from '../../machinery/kind.ts'
import type { KubeObject } from '../../machinery/object.ts'
import type { Store } from '../../store/store.ts'
import { objectKey } from '../keys.ts'
import type { ObjectCache } from '../object-codec.ts'
import type { Admit } from './admission.ts'
import { findResolutions, type ResolutionDeps } from './trigger-resolutions.ts'

export interface PodTriggerDeps extends ResolutionDeps {
  store: Store
  cache: ObjectCache
}

const owners: ReadonlyMap<string, Kind> = new Map(
  [deployments, statefulSets, daemonSets, replicaSets, replicationControllers, jobs, cronJobs].map((kind) => [
    `${apiVersionOf(kind)}/${kind.kind}`,
    kind,
  ]),
)

/** A pod stands at most so far below what it is made for: pod, job, cron job. */
const generations = 3

/**
 * A new pod gets the images of the tags that what it is made for follows, where the annotation `weir.dev/trigger-target` wants them
 * in pods only. What a tag does not give stays as it is written.
 */
export function admitPodTriggers(deps: PodTriggerDeps): Admit {
  return async (next, old, { namespace }) => {
    if (old !== undefined) return next
    const top = await findTop(next, namespace, deps)
    if (top === undefined || !isInPods(top.object)) return next
    const plan = planTriggers(top.kind, top.object, await findResolutions(top.kind, top.object, deps))
    const images = podImages(plan)
    return images.size === 0 ? next : withContainerImages(next as Pod, ['spec'], images)
  }
}

function isInPods(object: KubeObject): boolean {
  return object.metadata.annotations?.[triggersAnnotation] !== undefined && triggerTarget(object) === 'pods'
}

interface Owner {
  kind: Kind
  object: KubeObject
}

/** The controller that no other controls; undefined for a pod without one, or with one of a kind that follows no tags. */
async function findTop(
  pod: KubeObject,
  namespace: string,
  { store, cache }: PodTriggerDeps,
): Promise<Owner | undefined> {
  let top: Owner | undefined
  let object = pod
  for (let step = 0; step < generations; step++) {
    const reference = object.metadata.ownerReferences?.find(({ controller }) => controller === true)
    if (reference === undefined) return top
    const kind = owners.get(`${reference.apiVersion}/${reference.kind}`)
    if (kind === undefined) return undefined
    const entry = await store.get(objectKey(kind, namespace, reference.name))
    if (entry === undefined) return undefined
    object = cache.decode(entry)
    if (object.metadata.uid !== reference.uid) return undefined
    top = { kind, object }
  }
  return top
}
