import { canonicalImageTag, type ImageStream, type ImageTag, imageTags } from '../../api/image/index.ts'
import {
  currentImageName,
  imageTagResource,
  listImageTags,
  planImageTagCreate,
  planImageTagUpdate,
  planTagDelete,
  readImageTagName,
  requireImageTag,
  splitStreamTagName,
  storedImageTag,
  toImageTag,
} from '../../image/index.ts'
import { notFound } from '../../machinery/errors.ts'
import type { KubeObject } from '../../machinery/object.ts'
import { requireActiveNamespace } from '../active-namespace.ts'
import type { Endpoint } from '../endpoint.ts'
import { requireNamespaceOf } from '../object-writer.ts'
import type { ImageEndpointDeps } from './deps.ts'
import { listTags } from './list-tags.ts'
import type { StreamAccess } from './stream-access.ts'
import { success } from './stream-tag-endpoints.ts'

/** `imagetags`: spec and history of one tag of a stream (image-api.md §12). */
export function createImageTagEndpoint(deps: ImageEndpointDeps, access: StreamAccess): Endpoint {
  const resource = imageTagResource

  const show = async (stream: ImageStream, tag: string): Promise<KubeObject> => {
    const name = currentImageName(stream, tag)
    return toImageTag(stream, tag, name === undefined ? undefined : await access.image(name))
  }

  return {
    kind: imageTags,

    async get({ namespace, name }) {
      const parts = readImageTagName(name)
      const { stream } = await access.require(namespace, parts.stream, resource)
      requireImageTag(stream, parts.tag)
      return show(stream, parts.tag)
    },

    list: (request) => listTags(imageTags, request, deps, listImageTags),

    async create({ object, ...request }) {
      requireNamespaceOf(object, request.namespace)
      await requireActiveNamespace(request.namespace, resource, object.metadata.name ?? '', deps)
      const tag = canonicalImageTag(object as ImageTag)
      const placed = { ...tag, metadata: { ...tag.metadata, namespace: request.namespace } }
      const parts = splitStreamTagName(placed.metadata.name ?? '')
      const { stream } = await access.change(
        request,
        parts.stream,
        resource,
        (found, env) => planImageTagCreate(placed, found, env),
        { retry: true, operation: 'create', tag: parts.tag },
      )
      return show(stream, parts.tag)
    },

    async update(request) {
      const { namespace, name } = request
      const parts = readImageTagName(name)
      const { stream, created } = await access.change(
        request,
        parts.stream,
        resource,
        (found, env) => {
          const stored = storedImageTag(found, namespace, name)
          const next = canonicalImageTag(request.transform(stored) as ImageTag)
          return planImageTagUpdate({ ...next, metadata: { ...next.metadata, name, namespace } }, found, env)
        },
        { retry: request.retryConflicts, operation: 'update', tag: parts.tag },
      )
      return { object: await show(stream, parts.tag), created }
    },

    async delete({ name, options, ...scope }) {
      const parts = readImageTagName(name)
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
