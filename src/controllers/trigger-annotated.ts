import {
  type EntryReport,
  planTriggers,
  podSpecOf,
  podSpecPath,
  type TriggerPlan,
  triggerFailed,
  triggerFollowings,
  triggersAnnotation,
  triggerTargetAnnotation,
} from '../image/index.ts'
import type { Kind } from '../machinery/kind.ts'
import { findResolutions, type ResolutionDeps } from '../resources/admission/index.ts'
import type { Complaint } from './trigger-events.ts'
import { askAgain, type TriggerHandler } from './trigger-handler.ts'
import { patchSeen } from './trigger-patch.ts'

/** Workloads that say in an annotation which tags their containers follow (triggers.md §1–§4). */
export function createAnnotatedHandler(kind: Kind, deps: ResolutionDeps): TriggerHandler {
  const path = podSpecPath(kind)
  return {
    kind,
    followings: (object) => triggerFollowings(kind, object),
    hasTriggers: ({ metadata }) => metadata.annotations?.[triggersAnnotation] !== undefined,
    mark(object) {
      const spec = path === undefined ? object : podSpecOf(object, path)
      const images = path === undefined ? object.metadata.generation : spec && imagesOf(spec)
      const { uid, annotations } = object.metadata
      return JSON.stringify([
        uid,
        annotations?.[triggersAnnotation],
        annotations?.[triggerTargetAnnotation],
        images,
      ])
    },
    async handle(object) {
      const plan = planTriggers(kind, object, await findResolutions(kind, object, deps))
      const written = plan.patch && (await patchSeen(kind, object, plan.patch, deps.client))
      const complaints = plan.entries.flatMap(complaintOf)
      if (written !== undefined && written.metadata.resourceVersion === object.metadata.resourceVersion) {
        complaints.push({ reason: triggerFailed, message: notTaken(plan) })
      }
      if (plan.refused !== undefined) complaints.push({ reason: triggerFailed, message: plan.refused })
      const isRefused = plan.entries.some(({ state }) => state.kind === 'forbidden')
      return {
        complaints,
        ...(written === undefined ? {} : { written }),
        ...(isRefused ? { again: askAgain } : {}),
      }
    },
  }
}

/** The write went through and changed nothing: the kind has no such field, or something else says what stands there. */
function notTaken({ entries }: TriggerPlan): string {
  const paths = entries.flatMap(({ state, fieldPath }) => (state.kind === 'moves' ? [fieldPath] : []))
  return `the image was written but is not what stands there: ${paths.join(', ')}`
}

function imagesOf(spec: object): unknown {
  const { containers, initContainers } = spec as { containers?: Named[]; initContainers?: Named[] }
  const names = (list: Named[] | undefined) => list?.map(({ name, image }) => [name, image])
  return [names(initContainers), names(containers)]
}

interface Named {
  name?: string
  image?: string
}

function complaintOf({ state }: EntryReport): Complaint[] {
  switch (state.kind) {
    case 'ignored':
    case 'invalid':
    case 'waiting':
    case 'forbidden':
      return [{ reason: triggerFailed, message: state.why }]
    case 'fixed':
      return [{ reason: triggerFailed, message: `${state.why}, which should be ${state.to}` }]
    default:
      return []
  }
}
