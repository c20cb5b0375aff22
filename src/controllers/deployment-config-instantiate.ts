import {
  type DeploymentConfig,
  type DeploymentRequest,
  deploymentConfigs,
  type ReplicationController,
  replicationControllers,
} from '../api/index.ts'
import { deploymentRequestSchema } from '../api/openshift-apps/index.ts'
import { imageTriggers, planConfigImages, requestedDetails, rolloutName } from '../image/index.ts'
import { badRequest, invalid, isApiError, notFound, type Status } from '../machinery/errors.ts'
import { applyJsonPatch } from '../machinery/index.ts'
import { defineKind, type Kind } from '../machinery/kind.ts'
import type { KubeObject } from '../machinery/object.ts'
import { findResolutions, type ResolutionDeps } from '../resources/admission/index.ts'
import type { CreateRequest, Endpoint } from '../resources/endpoint.ts'
import { objectKey } from '../resources/keys.ts'
import { withTypeMeta } from '../resources/object-codec.ts'
import type { EndpointDeps } from '../resources/resources.ts'
import { requireEntry } from '../resources/stored-endpoint.ts'
import { hookStrategy, type WriteStrategy } from '../resources/write-strategy.ts'

const deploymentRequests: Kind = defineKind({
  group: deploymentConfigs.group,
  version: deploymentConfigs.version,
  kind: 'DeploymentRequest',
  plural: 'deploymentrequests',
  namespaced: true,
  schema: deploymentRequestSchema,
  schemaName: 'com.github.openshift.api.apps.v1.DeploymentRequest',
  stored: false,
})

/** Images and version change in one write, which no other write may do. */
const instantiateStrategy: WriteStrategy = {
  ...hookStrategy(deploymentConfigs),
  async update(next, old, request) {
    const prepared = await hookStrategy(deploymentConfigs).update(next, old, request)
    return { ...prepared, status: (next as DeploymentConfig).status } as KubeObject
  },
}

const attempts = 10

/** `deploymentconfigs/instantiate`: a rollout by request (triggers.md §5.4). */
export function createDeploymentInstantiateEndpoint(deps: EndpointDeps & ResolutionDeps): Endpoint {
  const resource = { group: deploymentConfigs.group, resource: deploymentConfigs.plural }

  const findLatest = async (config: DeploymentConfig): Promise<ReplicationController | undefined> => {
    const key = objectKey(replicationControllers, config.metadata.namespace ?? '', rolloutName(config))
    const entry = await deps.store.get(key)
    return entry === undefined ? undefined : (deps.cache.decode(entry) as ReplicationController)
  }

  const instantiate = async ({ caller, namespace, name = '', object, dryRun }: CreateRequest) => {
    const asked = object as unknown as DeploymentRequest
    const entry = await requireEntry(deploymentConfigs, namespace, name, deps)
    const seen = deps.cache.decode(entry) as DeploymentConfig
    requireRunning(seen, name)
    const config = asked.latest ? await withLatestImages(seen, asked, deps) : seen
    if (imageTriggers(config).some(({ params }) => !params.lastTriggeredImage)) {
      throw badRequest(`cannot trigger a deployment for "${name}" because it contains unresolved images`)
    }
    const details = requestedDetails(config, await findLatest(config), asked.force)
    if (details === undefined) return nothingToDo(name)
    const latestVersion = config.status.latestVersion + 1
    const next = { ...config, status: { ...config.status, latestVersion, details } }
    const request = { caller, namespace, dryRun, now: deps.clock(), resource }
    const plan = await deps.writer.planUpdate(instantiateStrategy, next, entry, request)
    const [written] = dryRun ? [plan.object] : await deps.writer.commit([plan], resource)
    return withTypeMeta(deploymentConfigs, written as KubeObject)
  }

  return {
    kind: deploymentConfigs,
    subresource: 'instantiate',
    bodyKind: deploymentRequests,
    create(request) {
      const { namespace, name } = request
      if (name === undefined) throw notFound(resource, '')
      return deps.lock.run(objectKey(deploymentConfigs, namespace, name), async () => {
        for (let attempt = 1; ; attempt++) {
          try {
            return await instantiate(request)
          } catch (error) {
            if (!isApiError(error, 'Conflict') || attempt === attempts) throw error
          }
        }
      })
    },
  }
}

function requireRunning(config: DeploymentConfig, name: string): void {
  if (config.spec.paused !== true) return
  throw invalid({ group: deploymentConfigs.group, kind: 'DeploymentRequest' }, name, [
    {
      type: 'Invalid value',
      field: 'spec.paused',
      value: true,
      detail: `deployment config "${name}" is paused - unpause to request a new deployment`,
    },
  ])
}

async function withLatestImages(
  config: DeploymentConfig,
  asked: DeploymentRequest,
  deps: ResolutionDeps,
): Promise<DeploymentConfig> {
  const resolve = await findResolutions(deploymentConfigs, config, deps)
  const isExcluded = (asked.excludeTriggers ?? []).includes('ImageChange')
  const { patch } = planConfigImages(config, resolve, {
    skipsUnresolved: true,
    counts: ({ params }) => !isExcluded && (asked.force || params.automatic === true),
  })
  return applyJsonPatch(config, patch) as DeploymentConfig
}

function nothingToDo(name: string): Status {
  const message = `deployment config "${name}" cannot be instantiated`
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', message, code: 204 }
}
