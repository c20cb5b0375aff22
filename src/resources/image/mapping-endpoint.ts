import {
  canonicalImage,
  canonicalImageStreamMapping,
  type Image,
  type ImageStream,
  type ImageStreamMapping,
  imageResource,
  imageStreamMappings,
  imageStreams,
  images,
} from '../../api/image/index.ts'
import {
  applyMapping,
  canRetryMapping,
  heldTags,
  imageLimitError,
  imageOfMapping,
  prepareMapping,
} from '../../image/index.ts'
import { invalid, isApiError, type Status } from '../../machinery/errors.ts'
import { requireActiveNamespace } from '../active-namespace.ts'
import type { CreateRequest, Endpoint } from '../endpoint.ts'
import { objectKey } from '../keys.ts'
import { type Plan, requireNamespaceOf } from '../object-writer.ts'
import { hookStrategy, metaErrors, type WriteRequest } from '../write-strategy.ts'
import type { ImageEndpointDeps } from './deps.ts'
import type { FoundEntry, StreamAccess } from './stream-access.ts'
import { findLimits, streamStrategy } from './stream-strategy.ts'
import { holdsOfWrite } from './tag-hold-store.ts'

const resource = imageResource('imagestreammappings')
const maxAttempts = 10
const created: Status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 }

/**
 * `imagestreammappings`: how a push becomes a tag (image-api.md §14). The Image, where it is new, and the stream's event are one
 * commit, so that neither is ever seen without the other.
 */
export function createMappingEndpoint(deps: ImageEndpointDeps, access: StreamAccess): Endpoint {
  const imageStrategy = hookStrategy(images)
  const statusStrategy = streamStrategy('status', deps)

  const planImage = async (mapping: ImageStreamMapping, request: WriteRequest): Promise<Plan | undefined> => {
    const existing = await access.image(mapping.image.metadata.name ?? '')
    if (existing !== undefined) return undefined
    return deps.writer.planCreate(imageStrategy, canonicalImage(imageOfMapping(mapping)), {
      ...request,
      namespace: '',
    })
  }

  const attempt = async (mapping: ImageStreamMapping, found: FoundEntry, request: WriteRequest) => {
    const image = await planImage(mapping, request)
    const plans: Plan[] = image === undefined ? [] : [image]
    const origin = { tag: mapping.tag, images: plans.map(({ object }) => object as Image) }
    const asked: WriteRequest = { ...request, cause: request.cause ?? 'push', origin }
    const held = heldTags(await holdsOfWrite(asked, mapping.metadata.name ?? '', deps))
    const next = applyMapping(found.stream, mapping, { existed: image === undefined, now: request.now, held })
    if (next !== found.stream) {
      plans.push(await deps.writer.planUpdate(statusStrategy, next, found.entry, asked))
    }
    if (!request.dryRun) await deps.writer.commit(plans, resource)
  }

  const push = async (mapping: ImageStreamMapping, request: CreateRequest): Promise<Status> => {
    const { object: _object, manager: _manager, ...scope } = request
    const { namespace } = scope
    const name = mapping.metadata.name ?? ''
    let seen: ImageStream | undefined
    let lost: unknown
    for (let tries = 1; tries <= maxAttempts; tries++) {
      const found = await access.require(namespace, name, resource)
      if (seen !== undefined && !canRetryMapping(seen, found.stream, mapping.tag)) break
      seen = found.stream
      try {
        await attempt(mapping, found, { ...scope, now: deps.clock(), resource })
        return created
      } catch (error) {
        if (!isApiError(error, 'Conflict') && !isApiError(error, 'AlreadyExists')) throw error
        lost = error
      }
    }
    throw lost
  }

  return {
    kind: imageStreamMappings,
    async create(request) {
      requireNamespaceOf(request.object, request.namespace)
      await requireActiveNamespace(request.namespace, resource, request.object.metadata.name ?? '', deps)
      const mapping = prepareMapping(
        canonicalImageStreamMapping(placed(request)),
        deps.settings.internalRegistry,
      )
      const errors = [
        ...metaErrors(imageStreamMappings, mapping),
        ...(imageStreamMappings.hooks.validateCreate?.(mapping) ?? []),
      ]
      if (errors.length > 0) throw invalid(imageStreamMappings, mapping.metadata.name ?? '', errors)
      const limits = await findLimits(request.namespace, deps)
      const refused =
        limits.length === 0
          ? undefined
          : imageLimitError(measured(mapping, deps.clock()), mapping.metadata.name ?? '', limits)
      if (refused !== undefined) throw refused
      const key = objectKey(imageStreams, request.namespace, mapping.metadata.name ?? '')
      return deps.lock.run(key, () => push(mapping, request))
    },
  }
}

function placed({ object, namespace }: CreateRequest): ImageStreamMapping {
  return { ...object, metadata: { ...object.metadata, namespace } } as ImageStreamMapping
}

/** With the size that its manifest and config give it. */
function measured(mapping: ImageStreamMapping, now: Date): Image {
  const image = canonicalImage(imageOfMapping(mapping))
  return images.hooks.prepareCreate?.(image, { now, userName: '' }) ?? image
}
