import {
  type BuildConfig,
  type BuildRequest,
  buildConfigs,
  buildRequestSchema,
  builds,
} from '../api/index.ts'
import { planBuild } from '../image/index.ts'
import { isApiError, notFound } from '../machinery/errors.ts'
import { defineKind } from '../machinery/kind.ts'
import { formatTime, type KubeObject } from '../machinery/object.ts'
import { findResolutions, type ResolutionDeps, requireBuildStrategy } from '../resources/admission/index.ts'
import type { CreateRequest, Endpoint } from '../resources/endpoint.ts'
import { objectKey } from '../resources/keys.ts'
import { withTypeMeta } from '../resources/object-codec.ts'
import type { EndpointDeps } from '../resources/resources.ts'
import { requireEntry } from '../resources/stored-endpoint.ts'
import { hookStrategy } from '../resources/write-strategy.ts'

export const buildRequests = defineKind<BuildRequest>({
  group: buildConfigs.group,
  version: buildConfigs.version,
  kind: 'BuildRequest',
  plural: 'buildrequests',
  namespaced: true,
  schema: buildRequestSchema,
  schemaName: 'com.github.openshift.api.build.v1.BuildRequest',
  stored: false,
})

const attempts = 10

/** `buildconfigs/instantiate`: makes the next Build; the BuildConfig's bookkeeping and the Build are one write (triggers.md §6.3). */
export function createBuildInstantiateEndpoint(deps: EndpointDeps & ResolutionDeps): Endpoint {
  const resource = { group: buildConfigs.group, resource: buildConfigs.plural }

  const instantiate = async ({ caller, namespace, name = '', object, dryRun }: CreateRequest) => {
    const entry = await requireEntry(buildConfigs, namespace, name, deps)
    const config = deps.cache.decode(entry) as BuildConfig
    const now = deps.clock()
    const resolve = await findResolutions(buildConfigs, config, deps)
    await requireBuildStrategy(buildConfigs, config, caller, namespace, deps.authorize)
    const plan = planBuild(config, object as BuildRequest, resolve, formatTime(now))
    const request = { caller, namespace, dryRun, now, resource }
    const writes = [
      await deps.writer.planUpdate(hookStrategy(buildConfigs), plan.config, entry, request),
      await deps.writer.planCreate(hookStrategy(builds), plan.build, request),
    ]
    const [, build] = dryRun
      ? writes.map((write) => write.object)
      : await deps.writer.commit(writes, resource)
    return withTypeMeta(builds, build as KubeObject)
  }

  return {
    kind: buildConfigs,
    subresource: 'instantiate',
    bodyKind: buildRequests,
    create(request) {
      const { namespace, name } = request
      if (name === undefined) throw notFound(resource, '')
      return deps.lock.run(objectKey(buildConfigs, namespace, name), async () => {
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
