import { isDeepStrictEqual } from 'node:util'
import { type DeploymentConfig, deploymentConfigs, replicationControllers } from '../api/index.ts'
import type { Client } from '../client/client.ts'
import { configNameAnnotation, planRollout, rolloutName, toRollout, waitingStatus } from '../image/index.ts'
import { isApiError } from '../machinery/errors.ts'
import { formatTime } from '../machinery/object.ts'
import { type Controller, settled } from './reconcile.ts'
import { keysOf, splitKey } from './watch-source.ts'

/** Starts rollouts of DeploymentConfigs: a new version when images or template ask for it, and its ReplicationController (triggers.md §5.3). */
export function createDeploymentConfigController(deps: { client: Client; now(): Date }): Controller {
  const { client } = deps

  const writeStatus = (config: DeploymentConfig, status: DeploymentConfig['status']) =>
    client.update(
      deploymentConfigs,
      config.metadata.namespace ?? '',
      { ...config, status },
      { subresource: 'status' },
    )

  const reconcile = async (namespace: string, name: string): Promise<void> => {
    const config = await client.get(deploymentConfigs, namespace, name).catch(absent)
    if (config === undefined || config.metadata.deletionTimestamp !== undefined) return
    const { latestVersion } = config.status
    const latest =
      latestVersion === 0
        ? undefined
        : await client.get(replicationControllers, namespace, rolloutName(config)).catch(absent)
    if (latestVersion > 0 && latest === undefined) {
      await client.create(replicationControllers, namespace, toRollout(config)).catch(present)
      return
    }
    const decision = planRollout(config, latest)
    if (decision.kind === 'start') {
      await writeStatus(config, {
        ...config.status,
        latestVersion: latestVersion + 1,
        details: decision.details,
        observedGeneration: config.metadata.generation ?? 0,
      })
      return
    }
    const status =
      latest === undefined
        ? { ...config.status, observedGeneration: config.metadata.generation ?? 0 }
        : waitingStatus(config, formatTime(deps.now()))
    if (!isDeepStrictEqual(status, config.status)) await writeStatus(config, status)
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
        await reconcile(...splitKey(key))
      } catch (error) {
        // Whoever was faster has also woken this key.
        if (!isApiError(error, 'Conflict')) throw error
      }
      return settled
    },
  }
}

function absent(error: unknown): undefined {
  if (!isApiError(error, 'NotFound')) throw error
}

function present(error: unknown): undefined {
  if (!isApiError(error, 'AlreadyExists')) throw error
}
