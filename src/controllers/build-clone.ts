import { type Build, type BuildConfig, type BuildRequest, buildConfigs, builds } from '../api/index.ts'
import { configOfBuild, planClone } from '../image/index.ts'
import { badRequest, notFound } from '../machinery/errors.ts'
import type { KubeObject } from '../machinery/object.ts'
import { type ResolutionDeps, requireBuildStrategy } from '../resources/admission/index.ts'
import type { CreateRequest, Endpoint } from '../resources/endpoint.ts'
import { objectKey } from '../resources/keys.ts'
import { withTypeMeta } from '../resources/object-codec.ts'
import type { EndpointDeps } from '../resources/resources.ts'
import { requireEntry, updateObject } from '../resources/stored-endpoint.ts'
import { hookStrategy, type WriteStrategy } from '../resources/write-strategy.ts'
import { buildRequests } from './build-config-instantiate.ts'

const resource = { group: builds.group, resource: builds.plural }

/** `builds/clone`: the next Build of the BuildConfig, made as that Build was, on the same images. */
export function createBuildCloneEndpoint(deps: EndpointDeps & ResolutionDeps): Endpoint {
  const clone = async ({ caller, namespace, name = '', object, dryRun }: CreateRequest) => {
    const build = deps.cache.decode(await requireEntry(builds, namespace, name, deps)) as Build
    if (build.spec.source.binary !== undefined) {
      throw badRequest(
        `build ${namespace}/${name} was made of an upload, which is not kept: it can't be repeated`,
      )
    }
    await requireBuildStrategy(builds, build, caller, namespace, deps.authorize)
    const request = { caller, namespace, dryRun, now: deps.clock(), resource }
    const config = configOfBuild(build)
    const entry = config && (await deps.store.get(objectKey(buildConfigs, namespace, config)))
    const found = entry ? (deps.cache.decode(entry) as BuildConfig) : undefined
    const number = found === undefined ? undefined : found.status.lastVersion + 1
    const next = planClone(
      build,
      object as BuildRequest,
      number === undefined
        ? { name: `${name}-${Math.trunc(deps.clock().getTime() / 1000)}` }
        : { name: `${config}-${number}`, number },
    )
    const writes = [await deps.writer.planCreate(hookStrategy(builds), next, request)]
    if (entry && found !== undefined && number !== undefined) {
      const counted = { ...found, status: { ...found.status, lastVersion: number } }
      writes.push(await deps.writer.planUpdate(hookStrategy(buildConfigs), counted, entry, request))
    }
    const [made] = dryRun ? writes.map((write) => write.object) : await deps.writer.commit(writes, resource)
    return withTypeMeta(builds, made as KubeObject)
  }
  return {
    kind: builds,
    subresource: 'clone',
    bodyKind: buildRequests,
    async create(request) {
      const { namespace, name } = request
      if (name === undefined) throw notFound(resource, '')
      const build = deps.cache.decode(await requireEntry(builds, namespace, name, deps)) as Build
      const key = objectKey(buildConfigs, namespace, configOfBuild(build) ?? '')
      return deps.lock.run(key, () => clone(request))
    },
  }
}

/** What whoever runs a Build may write of it besides its status: which revision of the source it is (`builds/details`). */
const detailsStrategy: WriteStrategy = {
  ...hookStrategy(builds),
  async update(next, old) {
    const { revision } = (next as Build).spec
    const before = old as Build
    return {
      ...before,
      spec: { ...before.spec, ...(revision === undefined ? {} : { revision }) },
    } as KubeObject
  },
}

export function createBuildDetailsEndpoint(deps: EndpointDeps): Endpoint {
  return {
    kind: builds,
    subresource: 'details',
    update: (request) => updateObject(builds, detailsStrategy, request, deps, { subresource: 'details' }),
  }
}
