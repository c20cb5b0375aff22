import type { ImageStream, ImageStreamTag } from '../../api/image/index.ts'
import { canonicalImageStreamTag, imageStreamTags } from '../../api/image/index.ts'
import {
  currentImageName,
  listStreamTags,
  planStreamTagCreate,
  planStreamTagUpdate,
  planTagDelete,
  readStreamTagName,
  requireImageName,
  splitStreamTagName,
  storedStreamTag,
  streamTagResource,
  toStreamTag,
} from '../../image/index.ts'
import type { Status } from '../../machinery/errors.ts'
import { notFound } from '../../machinery/errors.ts'
import type { KubeObject } from '../../machinery/object.ts'
import { requireActiveNamespace } from '../active-namespace.ts'
import type { Endpoint } from '../endpoint.ts'
import { requireNamespaceOf } from '../object-writer.ts'
import { readStreamTagAt } from './as-of.ts'
import type { ImageEndpointDeps } from './deps.ts'
import { listTags } from './list-tags.ts'
import type { StreamAccess } from './stream-access.ts'

export const success: Status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' }

/** `imagestreamtags`: one tag of a stream and the image behind it (image-api.md §11). */
export function createStreamTagEndpoint(deps: ImageEndpointDeps, access: StreamAccess): Endpoint {
  const resource = streamTagResource

  /** What a write answers: the image where there is one, else the empty one. */
  const answer = async (stream: ImageStream, tag: string): Promise<KubeObject> => {
    const name = currentImageName(stream, tag)
    return toStreamTag(stream, tag, name === undefined ? undefined : await access.image(name))
  }

  return {
    kind: imageStreamTags,

    async get({ namespace, name, at }) {
      const parts = readStreamTagName(name)
      if (at !== undefined) return readStreamTagAt({ namespace, ...parts }, at, deps, access)
      const { stream } = await access.require(namespace, parts.stream, resource)
      const image = await access.requireImage(requireImageName(stream, parts.tag), resource)
      return toStreamTag(stream, parts.tag, image)
    },

    list: (request) => listTags(imageStreamTags, request, deps, listStreamTags),

    async create({ object, ...request }) {
      requireNamespaceOf(object, request.namespace)
      await requireActiveNamespace(request.namespace, resource, object.metadata.name ?? '', deps)
      const tag = canonicalImageStreamTag(object as ImageStreamTag)
      const placed = { ...tag, metadata: { ...tag.metadata, namespace: request.namespace } }
      const parts = splitStreamTagName(placed.metadata.name ?? '')
      const { stream } = await access.change(
        request,
        parts.stream,
        resource,
        (found, env) => planStreamTagCreate(placed, found, env),
        { retry: true, operation: 'create', tag: parts.tag },
      )
      return answer(stream, parts.tag)
    },

    async update(request) {
      const { namespace, name } = request
      const parts = readStreamTagName(name)
      const { stream, created } = await access.change(
        request,
        parts.stream,
        resource,
        (found, env) => {
          const stored = storedStreamTag(found, namespace, name)
          const next = canonicalImageStreamTag(request.transform(stored) as ImageStreamTag)
          return planStreamTagUpdate({ ...next, metadata: { ...next.metadata, name, namespace } }, found, env)
        },
        { retry: true, operation: 'update', tag: parts.tag },
      )
      return { object: await answer(stream, parts.tag), created }
    },

    async delete({ name, options, ...scope }) {
      const parts = readStreamTagName(name)
      await access.change(
        { ...scope, dryRun: options.dryRun ?? false },
        parts.stream,
        resource,
        (found) => {
          if (found === undefined) throw notFound(resource, parts.stream)
          return planTagDelete(found, parts.tag, resource, options.preconditions)
        },
        { retry: true, operation: 'delete', tag: parts.tag },
      )
      return success
    },
  }
}
