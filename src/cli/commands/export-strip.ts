import type { KubeObject, ObjectMeta } from '../../machinery/object.ts'
import type { StreamObject, TagSpec } from '../resources/image-types.ts'

/** What an export leaves out (cli.md §6, "Stripping"). Pure. */

function stripMeta(metadata: ObjectMeta, exact: boolean): ObjectMeta {
  const {
    uid: _u,
    resourceVersion: _r,
    selfLink: _s,
    deletionTimestamp: _d,
    managedFields: _m,
    ...rest
  } = metadata
  const { namespace, name, ...others } = rest
  return {
    ...others,
    ...(name === undefined ? {} : { name: !exact && metadata.generateName ? '' : name }),
    ...(exact && namespace !== undefined ? { namespace } : {}),
    creationTimestamp: null as unknown as string,
  }
}

/** History becomes spec: each tag that shows an image comes from where the registry, or the image, is. */
function stripStream(stream: StreamObject): StreamObject {
  const repository = stream.status?.dockerImageRepository
  if (stream.spec?.dockerImageRepository) return { ...stream, status: { dockerImageRepository: '' } }
  const specs = new Map((stream.spec?.tags ?? []).map((tag) => [tag.name, tag]))
  for (const { tag, items } of stream.status?.tags ?? []) {
    const [newest] = items ?? []
    if (newest === undefined) continue
    const old = specs.get(tag)
    const imported =
      old?.annotations?.['openshift.io/imported-from'] ??
      stream.metadata.annotations?.['openshift.io/imported-from']
    const name = repository ? (imported ?? `${repository}:${tag}`) : (newest.dockerImageReference ?? '')
    const next: TagSpec = {
      annotations: null,
      generation: null,
      importPolicy: {},
      ...old,
      name: tag,
      from: { kind: 'DockerImage', name },
    }
    specs.set(tag, next)
  }
  return {
    ...stream,
    spec: { ...stream.spec, tags: [...specs.values()] },
    status: { dockerImageRepository: '' },
  }
}

const generatedSecret = /-(?:dockercfg|token)-[a-z0-9]+$/

/** undefined for what must not leave the cluster: tokens of service accounts. */
export function stripForExport(object: KubeObject, exact: boolean): KubeObject | undefined {
  const next = { ...object, metadata: stripMeta(object.metadata, exact) } as KubeObject &
    Record<string, unknown>
  switch (object.kind) {
    case 'ImageStream':
      return exact ? next : { ...stripStream(next as StreamObject), metadata: next.metadata }
    case 'ImageStreamTag':
    case 'ImageStreamImage': {
      const image = next.image as KubeObject | undefined
      return image?.metadata === undefined
        ? next
        : ({ ...next, image: { ...image, metadata: stripMeta(image.metadata, exact) } } as KubeObject)
    }
    case 'Secret':
      return next.type === 'kubernetes.io/service-account-token' ? undefined : next
    case 'ServiceAccount': {
      const kept = (list: unknown) =>
        Array.isArray(list)
          ? list.filter((one: { name?: string }) => !generatedSecret.test(one.name ?? ''))
          : list
      return {
        ...next,
        secrets: kept(next.secrets),
        imagePullSecrets: kept(next.imagePullSecrets),
      } as KubeObject
    }
    case 'Pod':
    case 'ReplicationController':
    case 'DeploymentConfig':
    case 'BuildConfig':
      return { ...next, status: {} } as KubeObject
    default:
      return next
  }
}
