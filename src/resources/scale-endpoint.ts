import { extensionsScaleSchema, scaleSchema } from '../api/index.ts'
import { defineKind, type Kind } from '../machinery/kind.ts'
import type { KubeObject } from '../machinery/object.ts'
import type { Endpoint, UpdateRequest } from './endpoint.ts'
import { withTypeMeta } from './object-codec.ts'
import { requireEntry, type StoredDeps, updateObject } from './stored-endpoint.ts'
import { hookStrategy } from './write-strategy.ts'

/** A view only: it has no path of its own. */
const scales = defineKind({
  group: 'autoscaling',
  version: 'v1',
  kind: 'Scale',
  plural: 'scales',
  namespaced: true,
  schema: scaleSchema,
  schemaName: 'io.k8s.api.autoscaling.v1.Scale',
  stored: false,
})

/** The same in the version that DeploymentConfigs have kept. */
const extensionsScales = defineKind({
  group: 'extensions',
  version: 'v1beta1',
  kind: 'Scale',
  plural: 'scales',
  namespaced: true,
  schema: extensionsScaleSchema,
  schemaName: 'io.k8s.api.extensions.v1beta1.Scale',
  stored: false,
})

/** The version that discovery tells clients to speak to a kind. */
function scalesOf({ subresources = [] }: Kind): Kind {
  const { group } = subresources.find(({ name }) => name === 'scale') ?? {}
  return (group === 'extensions' ? extensionsScales : scales) as Kind
}

/** What every scalable kind has. */
interface Scalable extends KubeObject {
  spec?: { replicas?: number; selector?: unknown }
  status?: { replicas?: number }
}

interface ScaleObject extends KubeObject {
  spec?: { replicas?: number }
  status?: { replicas: number; selector?: unknown; targetSelector?: string }
}

/** The Scale of a kind with `spec.replicas`: a view of the object, written back to that one field. */
export function createScaleEndpoint(kind: Kind, deps: StoredDeps): Endpoint {
  const strategy = hookStrategy(kind)
  const bodyKind = scalesOf(kind)
  return {
    kind,
    subresource: 'scale',
    bodyKind,
    async get({ namespace, name }) {
      return toScale(bodyKind, deps.cache.decode(await requireEntry(kind, namespace, name, deps)))
    },
    async update(request) {
      const transform = (current: KubeObject | undefined) =>
        withReplicas(bodyKind, current as Scalable, request)
      // What is applied to a Scale is a wish about one field of the object: an update of that.
      const { apply: _apply, ...plain } = request
      const { object } = await updateObject(kind, strategy, { ...plain, transform }, deps, {
        subresource: 'scale',
      })
      return { object: toScale(bodyKind, object as Scalable), created: false }
    },
  }
}

function withReplicas(bodyKind: Kind, scalable: Scalable, request: UpdateRequest): KubeObject {
  const { spec, metadata } = request.transform(toScale(bodyKind, scalable)) as ScaleObject
  const resourceVersion = metadata.resourceVersion ?? scalable.metadata.resourceVersion
  return {
    ...scalable,
    metadata: { ...scalable.metadata, ...(resourceVersion === undefined ? {} : { resourceVersion }) },
    spec: { ...scalable.spec, replicas: spec?.replicas ?? 0 },
  } as KubeObject
}

function toScale(bodyKind: Kind, { metadata, spec, status }: Scalable): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata
  const selector = formatSelector(spec?.selector)
  const selectors =
    bodyKind === extensionsScales ? { selector: spec?.selector, targetSelector: selector } : { selector }
  const scale: ScaleObject = {
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: spec?.replicas ? { replicas: spec.replicas } : {},
    status: { replicas: status?.replicas ?? 0, ...(selector === '' ? {} : selectors) },
  }
  return withTypeMeta(bodyKind, scale as KubeObject)
}

/** ReplicationControllers and DeploymentConfigs select by a plain map, the others by a LabelSelector. */
function formatSelector(selector: unknown): string {
  if (typeof selector !== 'object' || selector === null) return ''
  const map = 'matchLabels' in selector ? selector.matchLabels : selector
  return Object.entries((map ?? {}) as Record<string, unknown>)
    .filter(([, value]) => typeof value === 'string')
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join(',')
}
