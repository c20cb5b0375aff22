import {
  cronJobs,
  daemonSets,
  deployments,
  jobs,
  pods,
  replicaSets,
  replicationControllers,
  statefulSets,
} from '../api/index.ts'
import type { Kind } from '../machinery/kind.ts'
import type { ResolutionDeps, TriggerWriters } from '../resources/admission/index.ts'
import { createBuildConfigHandler } from './build-config-triggers.ts'
import { createDeploymentConfigController } from './deployment-config.ts'
import { createDeploymentConfigHandler } from './deployment-config-triggers.ts'
import type { Controller } from './reconcile.ts'
import { createTriggerController } from './trigger.ts'
import { createAnnotatedHandler } from './trigger-annotated.ts'
import { createEventRecorder } from './trigger-events.ts'

/** Kinds whose triggers stand in an annotation: those of the reference, and those that only its documentation names. */
const annotated = [
  deployments,
  statefulSets,
  daemonSets,
  cronJobs,
  replicaSets,
  replicationControllers,
  jobs,
  pods,
]

/** Everything that follows from a tag that moves (triggers.md §4–§6). */
export function createTriggerControllers(
  deps: ResolutionDeps & { writers: TriggerWriters; now(): Date; triggerKinds?: readonly Kind[] },
): Controller[] {
  const { client, hosts, writers, now } = deps
  return [
    createTriggerController({
      client,
      hosts,
      handlers: [
        ...[...annotated, ...(deps.triggerKinds ?? [])].map((kind) => createAnnotatedHandler(kind, deps)),
        createDeploymentConfigHandler(deps),
        createBuildConfigHandler(deps),
      ],
      events: createEventRecorder({ client, now, component: 'image-trigger-controller' }),
      forget: writers.forget,
    }),
    createDeploymentConfigController({ client, now }),
  ]
}
