import {
  type DeploymentConfig,
  type DeploymentConfigRollback,
  deploymentConfigs,
  type ReplicationController,
  replicationControllers,
} from '../api/index.ts'
import { deploymentConfigRollbackSchema } from '../api/openshift-apps/index.ts'
import type { Client } from '../client/client.ts'
import { applyRollback, rollbackTarget } from '../image/index.ts'
import { type ApiError, invalid, isApiError } from '../machinery/errors.ts'
import { defineKind, type Kind } from '../machinery/kind.ts'
import type { Endpoint } from '../resources/endpoint.ts'
import { withTypeMeta } from '../resources/object-codec.ts'

const rollbacks: Kind = defineKind({
  group: deploymentConfigs.group,
  version: deploymentConfigs.version,
  kind: 'DeploymentConfigRollback',
  plural: 'deploymentconfigrollbacks',
  namespaced: true,
  schema: deploymentConfigRollbackSchema,
  schemaName: 'com.github.openshift.api.apps.v1.DeploymentConfigRollback',
  stored: false,
})

/** `deploymentconfigs/rollback`: answers with the DeploymentConfig that goes back; nothing is written, that is the caller's to do. */
export function createDeploymentRollbackEndpoint(client: Client): Endpoint {
  const findRollout = async (namespace: string, name: string): Promise<ReplicationController> => {
    try {
      return await client.get(replicationControllers, namespace, name)
    } catch (error) {
      throw isApiError(error, 'NotFound') ? refused(name, error.message) : error
    }
  }
  return {
    kind: deploymentConfigs,
    subresource: 'rollback',
    bodyKind: rollbacks,
    async create({ namespace, name = '', object }) {
      const asked = object as unknown as DeploymentConfigRollback
      const config: DeploymentConfig = await client.get(deploymentConfigs, namespace, name)
      const target = rollbackTarget(config, asked)
      if (target.kind === 'none') throw refused(name, target.why)
      const rollout = await findRollout(namespace, target.name)
      if (rollout.metadata.ownerReferences?.some(({ uid }) => uid === config.metadata.uid) !== true) {
        throw refused(name, `${target.name} is no rollout of ${name}`)
      }
      const next = applyRollback(config, rollout, asked)
      if (next === undefined) throw refused(name, `${target.name} has no record of its deployment config`)
      return withTypeMeta(deploymentConfigs, next)
    },
  }
}

function refused(name: string, detail: string): ApiError {
  return invalid({ group: deploymentConfigs.group, kind: rollbacks.kind }, name, [
    { type: 'Invalid value', field: 'name', value: name, detail },
  ])
}
