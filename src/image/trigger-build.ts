import {
  type Build,
  type BuildConfig,
  type BuildRequest,
  type BuildStrategy,
  inputReference,
  type ObjectReference,
} from '../api/index.ts'
import { ApiError, badRequest, internalError } from '../machinery/errors.ts'
import { tagSource } from './trigger-annotation.ts'
import { buildTriggers } from './trigger-build-config.ts'
import type { Resolutions } from './trigger-resolve.ts'

/** A request for a build, and what comes of it (triggers.md §6.3). */

export const buildPausedAnnotation = 'openshift.io/build-config.paused'
const nameAnnotation = 'openshift.io/build-config.name'

/** Marks a Build that repeats another. */
export const cloneOfAnnotation = 'openshift.io/build.clone-of'

/** A Build as another one was, on the very same images; `number` and `name` are its own. Request options win. */
export function planClone(
  build: Build,
  request: BuildRequest,
  { name, number }: { name: string; number?: number },
): Build {
  const { labels, annotations, namespace = '', ownerReferences, name: original = '' } = build.metadata
  const { dockerStrategy } = build.spec.strategy
  const strategy =
    dockerStrategy === undefined
      ? build.spec.strategy
      : {
          ...build.spec.strategy,
          dockerStrategy: {
            ...dockerStrategy,
            ...dockerOptions(build.spec.strategy, request),
            ...((request.env ?? []).length === 0
              ? {}
              : { env: [...(dockerStrategy.env ?? []), ...(request.env ?? [])] }),
          },
        }
  return {
    metadata: {
      name,
      namespace,
      ...(labels === undefined ? {} : { labels }),
      annotations: {
        ...annotations,
        [cloneOfAnnotation]: original,
        ...(number === undefined ? {} : { 'openshift.io/build.number': String(number) }),
      },
      ...(ownerReferences === undefined ? {} : { ownerReferences }),
    },
    spec: { ...build.spec, strategy, triggeredBy: request.triggeredBy ?? null },
    status: {
      phase: 'New',
      output: {},
      ...(build.status.config === undefined ? {} : { config: build.status.config }),
    },
  }
}

export interface BuildPlan {
  config: BuildConfig
  build: Build
}

/** The BuildConfig with its new bookkeeping and the Build to make. ApiError where there is none to be made. `now` in RFC 3339. */
export function planBuild(
  config: BuildConfig,
  request: BuildRequest,
  resolve: Resolutions,
  now: string,
): BuildPlan {
  requireRunnable(config, request)
  const namespace = config.metadata.namespace ?? ''
  const resolveFrom = (from: ObjectReference): string | undefined => {
    if (request.triggeredByImage?.name && isSame(from, request.from, namespace))
      return request.triggeredByImage.name
    const source = tagSource(from, namespace)
    const resolution = source === undefined ? undefined : resolve(source)
    return resolution?.kind === 'image' ? resolution.image : undefined
  }
  const imageChangeTriggers = buildTriggers(config).map(({ from, isDefault }) => {
    const image = resolveFrom(from)
    if (image === undefined && isDefault) throw unresolved(from, namespace)
    return {
      from: {
        ...(from.namespace ? { namespace: from.namespace } : {}),
        ...(from.name ? { name: from.name } : {}),
      },
      ...(image === undefined ? {} : { lastTriggeredImageID: image }),
      ...(isSame(from, request.from, namespace) && request.triggeredByImage ? { lastTriggerTime: now } : {}),
    }
  })
  const lastVersion = config.status.lastVersion + 1
  const { imageChangeTriggers: _old, ...status } = config.status
  const next: BuildConfig = {
    ...config,
    status: {
      ...status,
      lastVersion,
      ...(imageChangeTriggers.length === 0 ? {} : { imageChangeTriggers }),
    },
  }
  return { config: next, build: toBuild(next, request, resolveFrom) }
}

function requireRunnable(config: BuildConfig, request: BuildRequest): void {
  const { name = '', namespace = '', annotations } = config.metadata
  if (annotations?.[buildPausedAnnotation]?.toLowerCase() === 'true') {
    throw badRequest(`can't instantiate from BuildConfig ${namespace}/${name}: BuildConfig is paused`)
  }
  const { lastVersion } = config.status
  if (request.lastVersion !== undefined && request.lastVersion !== lastVersion) {
    throw badRequest(
      `the LastVersion(${lastVersion}) on build config ${namespace}/${name} does not match the build request LastVersion(${request.lastVersion})`,
    )
  }
  const image = request.triggeredByImage?.name
  if (request.from === undefined || !image) return
  const seen = config.status.imageChangeTriggers?.find(({ from }) => isSame(from, request.from, namespace))
  if (seen?.lastTriggeredImageID === image) {
    throw internalError(
      `build config ${namespace}/${name} has already instantiated a build for imageid ${image}`,
    )
  }
}

/** Whether both name the same tag, wherever the namespace is left out. */
function isSame(
  a: Pick<ObjectReference, 'name' | 'namespace'>,
  b: ObjectReference | undefined,
  namespace: string,
): boolean {
  return b !== undefined && a.name === b.name && (a.namespace || namespace) === (b.namespace || namespace)
}

function unresolved({ name = '', namespace }: ObjectReference, own: string): ApiError {
  const message = `Error resolving ImageStreamTag ${name} in namespace ${namespace || own}: unable to find latest tagged image`
  return new ApiError(422, 'Invalid', message, {
    details: { name, kind: 'ImageStreamTag', causes: [{ field: 'from', message }] },
  })
}

function toBuild(
  config: BuildConfig,
  request: BuildRequest,
  resolveFrom: (from: ObjectReference) => string | undefined,
): Build {
  const { name = '', namespace = '', uid = '', labels } = config.metadata
  const { spec } = config
  const number = String(config.status.lastVersion)
  const triggers = buildTriggers(config)
  const source = { ...spec.source, ...(request.binary === undefined ? {} : { binary: request.binary }) }
  if (source.images !== undefined) {
    source.images = source.images.map((image) => {
      const isFollowed = triggers.some(({ from }) => isSame(from, image.from, namespace))
      const found = isFollowed ? resolveFrom(image.from) : undefined
      return found === undefined ? image : { ...image, from: { kind: 'DockerImage', name: found } }
    })
  }
  const revision = request.revision ?? spec.revision
  return {
    metadata: {
      name: `${name}-${number}`,
      namespace,
      labels: {
        ...labels,
        buildconfig: name,
        [nameAnnotation]: name,
        'openshift.io/build.start-policy': spec.runPolicy ?? 'Serial',
      },
      annotations: { [nameAnnotation]: name, 'openshift.io/build.number': number },
      ownerReferences: [
        { apiVersion: 'build.openshift.io/v1', kind: 'BuildConfig', name, uid, controller: true },
      ],
    },
    spec: {
      serviceAccount: spec.serviceAccount || 'builder',
      source,
      ...(revision === undefined ? {} : { revision }),
      strategy: withInput(spec.strategy, request, resolveFrom, namespace),
      output: spec.output ?? {},
      resources: spec.resources ?? {},
      postCommit: spec.postCommit ?? {},
      nodeSelector: spec.nodeSelector ?? null,
      ...(spec.completionDeadlineSeconds === undefined
        ? {}
        : { completionDeadlineSeconds: spec.completionDeadlineSeconds }),
      triggeredBy: request.triggeredBy ?? null,
    },
    status: { phase: 'New', config: { kind: 'BuildConfig', namespace, name }, output: {} },
  }
}

/** Arguments and cache as the request has them: its arguments win over those of the same name. */
function dockerOptions({ dockerStrategy }: BuildStrategy, { dockerStrategyOptions: asked }: BuildRequest) {
  const given = asked?.buildArgs ?? []
  const names = new Set(given.map(({ name }) => name))
  const own = (dockerStrategy?.buildArgs ?? []).filter(({ name }) => !names.has(name))
  return {
    ...(given.length === 0 ? {} : { buildArgs: [...own, ...given] }),
    ...(asked?.noCache === undefined ? {} : { noCache: asked.noCache }),
  }
}

/** The strategy on the very image that it is to use. */
function withInput(
  strategy: BuildStrategy,
  request: BuildRequest,
  resolveFrom: (from: ObjectReference) => string | undefined,
  namespace: string,
): BuildStrategy {
  const from = inputReference(strategy)
  const next = { ...strategy }
  const env = request.env ?? []
  for (const name of ['sourceStrategy', 'dockerStrategy', 'customStrategy'] as const) {
    const part = strategy[name]
    if (part === undefined) continue
    const asked = name === 'dockerStrategy' ? dockerOptions(strategy, request) : {}
    const withEnv = { ...part, ...asked, ...(env.length === 0 ? {} : { env: [...(part.env ?? []), ...env] }) }
    if (from?.kind !== 'ImageStreamTag') {
      Object.assign(next, { [name]: withEnv })
      continue
    }
    const image = resolveFrom(from)
    if (image === undefined) throw unresolved(from, namespace)
    Object.assign(next, { [name]: { ...withEnv, from: { kind: 'DockerImage', name: image } } })
  }
  return next
}
