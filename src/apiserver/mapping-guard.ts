import type { Authorize, Subject } from '../access/access.ts'
import { type Image, type ImageStream, type ImageStreamMapping, imageStreams, images } from '../api/index.ts'
import type { Client } from '../client/client.ts'
import { forbidden, isApiError } from '../machinery/errors.ts'
import { parseReference } from '../oci/index.ts'
import { resourceAction } from '../resources/authorized.ts'
import type { CreateRequest, Endpoint } from '../resources/endpoint.ts'

export interface MappingGuardDeps {
  client: Client
  authorize: Authorize
  /** `host[:port]` of our registry in references. */
  internalRegistry: string
}

const group = 'image.openshift.io'
const resource = { group, resource: 'imagestreammappings' }

/**
 * A mapping makes an image's bytes readable in the stream, and digests are no secrets (threat 10). So the caller must be able to
 * read an image that exists already: in this stream, in another of the project, or where the image says that it is. And a new image
 * may not list blobs, for the registry takes a stream's word for them, unless the caller may create images. Who may read images of
 * the whole cluster, as the registry does, is asked nothing.
 */
export function guardMappings(endpoint: Endpoint, deps: MappingGuardDeps): Endpoint {
  const { create } = endpoint
  if (create === undefined) return endpoint
  return {
    ...endpoint,
    async create(request) {
      await requireReadable(request, deps)
      return create(request)
    },
  }
}

async function requireReadable({ object, namespace, caller }: CreateRequest, deps: MappingGuardDeps) {
  const everywhere = resourceAction({ verb: 'get', group, resource: 'images' })
  if ((await deps.authorize(caller, everywhere)).allowed) return
  const { metadata, image } = object as ImageStreamMapping
  const digest = image?.metadata.name ?? ''
  const existing = digest === '' ? undefined : await find<Image>(deps.client.get(images, '', digest))
  if (existing === undefined) return requireNoBlobs(object as ImageStreamMapping, caller, deps)
  if (await canReadIn(namespace, digest, caller, deps)) return
  if (await canReadAtHome(existing, digest, caller, deps)) return
  const why = `the image ${digest} is not one that you may pull`
  throw forbidden(resource, metadata.name ?? '', why)
}

async function requireNoBlobs(
  { metadata, image }: ImageStreamMapping,
  caller: Subject,
  deps: MappingGuardDeps,
) {
  const { dockerImageLayers, dockerImageManifests, dockerImageManifest, dockerImageConfig } = image ?? {}
  const lists = [dockerImageLayers, dockerImageManifests].some((list) => (list ?? []).length > 0)
  if (!lists && !dockerImageManifest && !dockerImageConfig) return
  const { allowed } = await deps.authorize(
    caller,
    resourceAction({ verb: 'create', group, resource: 'images' }),
  )
  const why = 'an image with layers, a config or a manifest comes from a push or an import'
  if (!allowed) throw forbidden(resource, metadata.name ?? '', why)
}

async function canReadIn(namespace: string, digest: string, caller: Subject, deps: MappingGuardDeps) {
  const { items } = await deps.client.list(imageStreams, namespace)
  for (const stream of items) if (holds(stream, digest) && (await mayPull(stream, caller, deps))) return true
  return false
}

async function canReadAtHome(image: Image, digest: string, caller: Subject, deps: MappingGuardDeps) {
  const reference = parseReference(image.dockerImageReference ?? '')
  if (reference === undefined || reference.registry !== deps.internalRegistry) return false
  const stream = await find(deps.client.get(imageStreams, reference.namespace, reference.name))
  return stream !== undefined && holds(stream, digest) && (await mayPull(stream, caller, deps))
}

function holds({ status }: ImageStream, digest: string): boolean {
  return (status.tags ?? []).some(({ items }) => (items ?? []).some(({ image }) => image === digest))
}

async function mayPull({ metadata }: ImageStream, caller: Subject, { authorize }: MappingGuardDeps) {
  const { namespace = '', name = '' } = metadata
  const action = { verb: 'get', group, resource: 'imagestreams', subresource: 'layers', namespace, name }
  return (await authorize(caller, resourceAction(action))).allowed
}

async function find<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise
  } catch (error) {
    if (isApiError(error, 'NotFound')) return undefined
    throw error
  }
}
