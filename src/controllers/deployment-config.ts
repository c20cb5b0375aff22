import { isDeepStrictEqual } from 'node:util'
import {
  type DeploymentConfig,
  deploymentConfigs,
  type ReplicationController,
  replicationControllers,
} from '../api/index.ts'
import type { Client } from '../client/client.ts'
import {
  configNameAnnotation,
  expiredRollouts,
  planRollout,
  planRolloutStep,
  type RolloutChange,
  recordedFrom,
  rolloutDeadline,
  rolloutName,
  rolloutPhase,
  rolloutStatus,
  toRollout,
} from '../image/index.ts'
import { isApiError } from '../machinery/errors.ts'
import { formatTime } from '../machinery/object.ts'
import { type Controller, settled, type Verdict } from './reconcile.ts'
import { keysOf, splitKey } from './watch-source.ts'

/**
 * Rolls out DeploymentConfigs: a new version when images or template ask for it, its ReplicationController, and how many pods
 * that and the older ones are to have (triggers.md §5.3).
 */
export function createDeploymentConfigController(deps: { client: Client; now(): Date }): Controller {
  const { client } = deps

  const writeStatus = (config: DeploymentConfig, status: DeploymentConfig['status']) =>
    client.update(
      deploymentConfigs,
      config.metadata.namespace ?? '',
      { ...config, status },
      { subresource: 'status' },
    )

  const listRollouts = async (namespace: string, name: string): Promise<ReplicationController[]> => {
    const labelSelector = `${configNameAnnotation}=${name}`
    return (await client.list(replicationControllers, namespace, { labelSelector })).items
  }

  const change = ({ rollout, replicas, annotations }: RolloutChange) => {
    const { namespace = '', name = '', resourceVersion } = rollout.metadata
    const metadata = { resourceVersion, ...(annotations === undefined ? {} : { annotations }) }
    const body = { metadata, ...(replicas === undefined ? {} : { spec: { replicas } }) }
    return client.patch(replicationControllers, namespace, name, { type: 'merge', body })
  }

  const reconcile = async (namespace: string, name: string): Promise<Verdict> => {
    const config = await client.get(deploymentConfigs, namespace, name).catch(absent)
    if (config === undefined || config.metadata.deletionTimestamp !== undefined) return settled
    const { latestVersion } = config.status
    const rollouts = latestVersion === 0 ? [] : await listRollouts(namespace, name)
    const latest = rollouts.find(({ metadata }) => metadata.name === rolloutName(config))
    const older = rollouts.filter((rollout) => rollout !== latest)
    if (latestVersion > 0 && latest === undefined) {
      await client.create(replicationControllers, namespace, toRollout(config)).catch(present)
      return settled
    }
    const decision = planRollout(config, latest)
    if (decision.kind === 'start') {
      const observedGeneration = config.metadata.generation ?? 0
      const { details } = decision
      await writeStatus(config, {
        ...config.status,
        latestVersion: latestVersion + 1,
        details,
        observedGeneration,
      })
      return settled
    }
    const now = deps.now()
    const status = rolloutStatus(config, latest, older, formatTime(now))
    if (!isDeepStrictEqual(status, config.status)) await writeStatus(config, status)
    if (latest === undefined) return settled
    for (const step of planRolloutStep(config, latest, older, now.getTime())) await change(step)
    for (const { metadata } of expiredRollouts(config, older)) {
      await client.delete(replicationControllers, namespace, metadata.name ?? '').catch(absent)
    }
    const recorded = recordedFrom(latest, older)
    if (['New', 'Pending'].includes(rolloutPhase(latest)) && recorded !== undefined) {
      const after = Math.max(recorded - deps.now().getTime(), 1000)
      return { kind: 'again', after, why: 'by then whoever runs pods has taken notice' }
    }
    if (rolloutPhase(latest) !== 'Running') return settled
    const after = Math.max(rolloutDeadline(config, latest) - now.getTime(), 1000)
    return { kind: 'again', after, why: 'the rollout must be done then' }
  }

  return {
    name: 'deployment-config',
    concurrency: 2,
    maxBackoff: 30_000,
    sources: [
      keysOf(client, deploymentConfigs),
      keysOf(client, replicationControllers, ({ metadata }) => {
        const owner = metadata.annotations?.[configNameAnnotation]
        return owner === undefined ? [] : [`${metadata.namespace}/${owner}`]
      }),
    ],
    async reconcile(key) {
      try {
        return await reconcile(...splitKey(key))
      } catch (error) {
        // Whoever was faster has also woken this key.
        if (!isApiError(error, 'Conflict')) throw error
        return settled
      }
    },
  }
}

function absent(error: unknown): undefined {
  if (!isApiError(error, 'NotFound')) throw error
}

function present(error: unknown): undefined {
  if (!isApiError(error, 'AlreadyExists')) throw error
}
