import { type DeploymentConfig, deploymentConfigs } from '../api/index.ts'
import {
  configTriggerSource,
  type Following,
  imageTriggers,
  placedContainers,
  planConfigImages,
  triggerFailed,
} from '../image/index.ts'
import type { KubeObject } from '../machinery/object.ts'
import { findResolutions, type ResolutionDeps } from '../resources/admission/index.ts'
import { askAgain, type TriggerHandler } from './trigger-handler.ts'
import { patchSeen } from './trigger-patch.ts'

/** Image change triggers of DeploymentConfigs: images and `lastTriggeredImage` in one write (triggers.md §5.2). */
export function createDeploymentConfigHandler(deps: ResolutionDeps): TriggerHandler {
  return {
    kind: deploymentConfigs,
    followings: (object) => automaticFollowings(object as DeploymentConfig),
    hasTriggers: (object) => automaticFollowings(object as DeploymentConfig).length > 0,
    mark(object) {
      const { spec } = object as DeploymentConfig
      const images = placedContainers(spec.template?.spec).map(({ container }) => [
        container.name,
        container.image,
      ])
      return JSON.stringify([object.metadata.uid, spec.triggers, images])
    },
    async handle(object) {
      const resolve = await findResolutions(deploymentConfigs, object, deps)
      const plan = planConfigImages(object as DeploymentConfig, resolve)
      const written =
        plan.patch.length === 0
          ? undefined
          : await patchSeen(deploymentConfigs, object, [testOf(object), ...plan.patch], deps.client)
      const complaints = plan.triggers.flatMap(({ source, state }) =>
        state.kind === 'waiting' || state.kind === 'forbidden'
          ? [{ reason: triggerFailed, message: `${source}: ${state.why}` }]
          : [],
      )
      const isRefused = plan.triggers.some(({ state }) => state.kind === 'forbidden')
      return {
        complaints,
        ...(written === undefined ? {} : { written }),
        ...(isRefused ? { again: askAgain } : {}),
      }
    },
  }
}

function automaticFollowings(config: DeploymentConfig): Following[] {
  const namespace = config.metadata.namespace ?? ''
  const containers = placedContainers(config.spec.template?.spec).map(({ container }) => container)
  return imageTriggers(config).flatMap(({ index, params }): Following[] => {
    const source = params.automatic === true ? configTriggerSource({ index, params }, namespace) : undefined
    if (source === undefined) return []
    const image = params.lastTriggeredImage
    const isSet = containers.every(
      (container) => params.containerNames?.includes(container.name) !== true || container.image === image,
    )
    return isSet && image !== undefined ? [{ source, image }] : [{ source }]
  })
}

function testOf({ metadata }: KubeObject) {
  return { op: 'test' as const, path: '/metadata/resourceVersion', value: metadata.resourceVersion ?? '' }
}
