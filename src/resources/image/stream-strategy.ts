import type { Authorize, Subject } from '../../access/access.ts'
import type { ImageStream } from '../../api/image/index.ts'
import { canonicalImageStream, imageStreams } from '../../api/image/index.ts'
import {
  applyStreamWrite,
  type FoundStream,
  type LimitRange,
  planStreamWrite,
  type ReviewAnswer,
  type StreamEnv,
  type StreamKey,
  type StreamWritePlan,
  streamKeyText,
  type WriteFlavour,
} from '../../image/index.ts'
import type { KubeObject } from '../../machinery/object.ts'
import type { Entry } from '../../store/store.ts'
import { resourceAction } from '../authorized.ts'
import { objectKey, scopePrefix } from '../keys.ts'
import type { WriteStrategy } from '../write-strategy.ts'
import type { ImageEndpointDeps } from './deps.ts'
import { admitStream } from './stream-quota.ts'

/** A write of a stream: `image` plans it, the facts are fetched here, `image` applies them (image-api.md §6). */
export function streamStrategy(flavour: WriteFlavour, deps: ImageEndpointDeps): WriteStrategy {
  const write = async (next: KubeObject, old: KubeObject | undefined, caller: Subject, now: Date) => {
    const env: StreamEnv = { ...deps.settings, now }
    const plan = planStreamWrite(next as ImageStream, old as ImageStream | undefined, flavour, env)
    return applyStreamWrite(plan, await gatherFacts(plan, caller, deps), env)
  }
  return {
    kind: imageStreams,
    defaults: (next) => canonicalImageStream(next as ImageStream, deps.settings.defaultImportMode),
    async create(next, request) {
      const stream = await write(next, undefined, request.caller, request.now)
      await admitStream(stream, request, deps)
      return stream
    },
    update: (next, old, { caller, now }) => write(next, old, caller, now),
  }
}

async function gatherFacts(plan: StreamWritePlan, caller: Subject, deps: ImageEndpointDeps) {
  const namespace = plan.next.metadata.namespace ?? ''
  const [reviews, streams, limits] = await Promise.all([
    Promise.all(plan.reviews.map((key) => review(key, caller, deps.authorize))),
    Promise.all(plan.streams.map((key) => findStream(key, deps))),
    plan.wantsLimits ? findLimits(namespace, deps) : [],
  ])
  const byKey = <T>(keys: readonly StreamKey[], answers: readonly T[]) =>
    new Map(keys.map((key, index) => [streamKeyText(key), answers[index] as T]))
  return { reviews: byKey(plan.reviews, reviews), streams: byKey(plan.streams, streams), limits }
}

/** May the caller pull from that stream? (image-api.md §7.1) */
async function review(
  { namespace, name }: StreamKey,
  caller: Subject,
  authorize: Authorize,
): Promise<ReviewAnswer> {
  const { group, plural: resource } = imageStreams
  try {
    return await authorize(
      caller,
      resourceAction({ verb: 'get', group, resource, subresource: 'layers', namespace, name }),
    )
  } catch (error) {
    return { allowed: false, error: (error as Error).message }
  }
}

async function findStream({ namespace, name }: StreamKey, deps: ImageEndpointDeps): Promise<FoundStream> {
  try {
    const entry = await deps.store.get(objectKey(imageStreams, namespace, name))
    if (entry === undefined) return { kind: 'missing' }
    return { kind: 'found', stream: deps.cache.decode(entry) as ImageStream }
  } catch (error) {
    return { kind: 'error', message: (error as Error).message }
  }
}

const limitRanges = { group: '', plural: 'limitranges', namespaced: true }

export async function findLimits(namespace: string, deps: ImageEndpointDeps): Promise<LimitRange[]> {
  const { entries } = await deps.store.list(scopePrefix(limitRanges, namespace))
  return entries.map((entry: Entry) => deps.cache.decode(entry) as LimitRange)
}
