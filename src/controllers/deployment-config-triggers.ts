import { type DeploymentConfig, deploymentConfigs } from '../api/index.ts'
import {
  configTriggerSource,
  imageTriggers,
  placedContainers,
  planConfigImages,
  type TriggerSource,
} from '../image/index.ts'
import type { KubeObject } from '../machinery/object.ts'
import { askAgain, type TriggerHandler, triggerFailed } from './trigger-handler.ts'
import { patchSeen } from './trigger-patch.ts'
import { findResolutions, type ResolutionDeps } from './trigger-resolutions.ts'

/** Image change triggers of DeploymentConfigs: images and `lastTriggeredImage` in one write (triggers.md §5.2). */
export function createDeploymentConfigHandler(deps: ResolutionDeps): TriggerHandler {
  return {
    kind: deploymentConfigs,
    sources: (object) => automaticSources(object as DeploymentConfig),
    hasTriggers: (object) => automaticSources(object as DeploymentConfig).length > 0,
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

function automaticSources(config: DeploymentConfig): TriggerSource[] {
  const namespace = config.metadata.namespace ?? ''
  return imageTriggers(config).flatMap((trigger) => {
    const source = trigger.params.automatic === true ? configTriggerSource(trigger, namespace) : undefined
    return source === undefined ? [] : [source]
  })
}

function testOf({ metadata }: KubeObject) {
  return { op: 'test' as const, path: '/metadata/resourceVersion', value: metadata.resourceVersion ?? '' }
}
