import { type Image, type ImageStream, imageStreams, images } from '../../api/image/index.ts'
import { decorateStream, type StreamEnv, type TagWritePlan } from '../../image/index.ts'
import { type GroupResource, isApiError, notFound, serverTimeout } from '../../machinery/errors.ts'
import type { KubeObject } from '../../machinery/object.ts'
import type { Entry } from '../../store/store.ts'
import type { ScopedRequest } from '../endpoint.ts'
import { objectKey } from '../keys.ts'
import type { Plan } from '../object-writer.ts'
import type { WriteRequest } from '../write-strategy.ts'
import type { ImageEndpointDeps } from './deps.ts'
import { streamStrategy } from './stream-strategy.ts'

/** A lost race with a writer elsewhere is run again so often before the client hears of it. */
const maxAttempts = 50

export interface FoundEntry {
  entry: Entry
  stream: ImageStream
}

/**
 * Streams and images as the projections see them. Errors of the store name the resource of the request, whatever is missing
 * (image-api.md §2.2).
 */
export interface StreamAccess {
  find(namespace: string, name: string): Promise<FoundEntry | undefined>
  require(namespace: string, name: string, resource: GroupResource): Promise<FoundEntry>
  image(name: string): Promise<Image | undefined>
  requireImage(name: string, resource: GroupResource): Promise<Image>
  /**
   * Reads the stream, plans a change of it and writes that, one writer of a stream at a time; a race lost to another
   * process starts over. Answers with the stream as written (or as it would be, for a dry run).
   */
  change(
    request: ScopedRequest & { dryRun: boolean },
    stream: string,
    resource: GroupResource,
    plan: (found: ImageStream | undefined, env: StreamEnv) => TagWritePlan,
    options: ChangeOptions,
  ): Promise<{ stream: ImageStream; created: boolean }>
}

export interface ChangeOptions {
  retry: boolean
  operation: string
  /** What the request names; other tags that move follow it. */
  tag?: string
}

export function createStreamAccess(deps: ImageEndpointDeps): StreamAccess {
  const { store, cache, writer, lock, settings } = deps
  const internal = streamStrategy('internal', deps)

  const find: StreamAccess['find'] = async (namespace, name) => {
    const entry = await store.get(objectKey(imageStreams, namespace, name))
    if (entry === undefined) return undefined
    return { entry, stream: decorateStream(cache.decode(entry) as ImageStream, settings) }
  }

  const image: StreamAccess['image'] = async (name) => {
    const entry = await store.get(objectKey(images, '', name))
    return entry === undefined ? undefined : (cache.decode(entry) as Image)
  }

  const planWrite = (
    plan: TagWritePlan,
    found: FoundEntry | undefined,
    request: WriteRequest,
  ): Promise<Plan> =>
    found === undefined
      ? writer.planCreate(internal, plan.next, request)
      : writer.planUpdate(internal, plan.next, found.entry, request)

  const changeOnce: StreamAccess['change'] = async (request, name, resource, plan, options) => {
    const now = deps.clock()
    const found = await find(request.namespace, name)
    const planned = plan(found?.stream, { ...settings, now })
    if (!planned.changed) return { stream: planned.next, created: planned.created }
    const { caller, namespace, dryRun, onBehalfOf, cause } = request
    const asked: WriteRequest = {
      caller,
      namespace,
      dryRun,
      now,
      resource,
      ...(onBehalfOf === undefined ? {} : { onBehalfOf }),
      ...(cause === undefined ? {} : { cause }),
      ...(options.tag === undefined ? {} : { origin: { tag: options.tag } }),
    }
    const write = await planWrite(planned, found, asked)
    const [written] = request.dryRun ? [write.object] : await writer.commit([write], resource)
    return { stream: decorateStream(written as ImageStream, settings), created: planned.created }
  }

  return {
    find,
    image,
    async require(namespace, name, resource) {
      const found = await find(namespace, name)
      if (found === undefined) throw notFound(resource, name)
      return found
    },
    async requireImage(name, resource) {
      const found = await image(name)
      if (found === undefined) throw notFound(resource, name)
      return found
    },
    change(request, name, resource, plan, options) {
      return lock.run(objectKey(imageStreams, request.namespace, name), async () => {
        for (let attempt = 1; ; attempt++) {
          try {
            return await changeOnce(request, name, resource, plan, options)
          } catch (error) {
            if (!options.retry || !isLostRace(error, name)) throw error
            if (attempt === maxAttempts) throw serverTimeout(resource, options.operation, 2)
          }
        }
      })
    },
  }
}

/** Of the stream itself: what a plan finds (a tag that exists, a revision that is wrong) names the tag instead. */
function isLostRace(error: unknown, stream: string): boolean {
  const lost = isApiError(error, 'Conflict') || isApiError(error, 'AlreadyExists')
  return lost && error.details?.name === stream
}

/** The parent's name is what goes before `:` or `@`; the whole when there is neither. */
export function streamPart(name: string): string {
  return name.split(/[:@]/, 1)[0] ?? ''
}

export function asItem<T extends KubeObject>({ kind: _kind, apiVersion: _version, ...item }: T): T {
  return item as T
}
