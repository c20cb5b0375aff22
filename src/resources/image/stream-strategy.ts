import type { Authorize, Subject } from '../../access/access.ts'
import type { ImageStream } from '../../api/image/index.ts'
import { canonicalImageStream, imageStreams } from '../../api/image/index.ts'
import {
  applyStreamWrite,
  type FoundStream,
  heldTags,
  type LimitRange,
  planStreamWrite,
  type ReviewAnswer,
  type StreamEnv,
  type StreamKey,
  type StreamWritePlan,
  streamKeyText,
  tagMoves,
  type WriteFlavour,
} from '../../image/index.ts'
import type { KubeObject } from '../../machinery/object.ts'
import type { Change, Entry } from '../../store/store.ts'
import { resourceAction } from '../authorized.ts'
import { objectKey, scopePrefix } from '../keys.ts'
import { namespacePhaseOf } from '../namespace-phase.ts'
import type { WriteRequest, WriteStrategy } from '../write-strategy.ts'
import type { ImageEndpointDeps } from './deps.ts'
import { admitStream } from './stream-quota.ts'
import { holdsOfWrite, planHoldEnds } from './tag-hold-store.ts'
import { planLastRecord, planRecords } from './tag-records.ts'

/** A write of a stream: `image` plans it, the facts are fetched here, `image` applies them (image-api.md §6). */
export function streamStrategy(flavour: WriteFlavour, deps: ImageEndpointDeps): WriteStrategy {
  const write = async (next: KubeObject, old: KubeObject | undefined, request: WriteRequest) => {
    const env: StreamEnv = { ...deps.settings, now: request.now }
    const plan = planStreamWrite(next as ImageStream, old as ImageStream | undefined, flavour, env)
    return applyStreamWrite(plan, await gatherFacts(plan, request, deps), env)
  }
  return {
    kind: imageStreams,
    defaults: (next) => canonicalImageStream(next as ImageStream, deps.settings.defaultImportMode),
    async create(next, request) {
      const stream = await write(next, undefined, request)
      await admitStream(stream, request, deps)
      return stream
    },
    update: (next, old, request) => write(next, old, request),
    alongside: (next, old, request) =>
      planHistory(next as ImageStream | undefined, old as ImageStream | undefined, flavour, request, deps),
  }
}

/** The records of the tags that move, and the holds that end with it. */
async function planHistory(
  next: ImageStream | undefined,
  old: ImageStream | undefined,
  flavour: WriteFlavour,
  request: WriteRequest,
  deps: ImageEndpointDeps,
): Promise<Change[]> {
  const stream = next ?? old
  if (stream === undefined || (next === undefined && (await isEmptied(request.namespace, deps)))) return []
  const cause = request.cause ?? (flavour === 'internal' ? 'tag' : 'api')
  const { tag } = request.origin ?? {}
  const context = { cause, flavour, ...(tag === undefined ? {} : { tag }) }
  const ended = old === undefined ? [] : await planHoldEnds(next, old, context, request, deps)
  if (deps.recordsMoves === false) return ended
  const write = { stream, flavour, cause, request }
  if (next === undefined) return [...ended, ...(await planLastRecord(write, deps))]
  return [...ended, ...(await planRecords(tagMoves(next, old), write, deps))]
}

/** The records of a project go with it: what is deleted then leaves none behind. */
async function isEmptied(namespace: string, { store, cache }: ImageEndpointDeps): Promise<boolean> {
  return (await namespacePhaseOf(namespace, store, cache)) !== 'active'
}

async function gatherFacts(plan: StreamWritePlan, request: WriteRequest, deps: ImageEndpointDeps) {
  const namespace = plan.next.metadata.namespace ?? ''
  const { name = '' } = plan.next.metadata
  const [reviews, streams, limits, holds] = await Promise.all([
    Promise.all(plan.reviews.map((key) => review(key, request.caller, deps.authorize))),
    Promise.all(plan.streams.map((key) => findStream(key, deps))),
    plan.wantsLimits ? findLimits(namespace, deps) : [],
    plan.flavour === 'status' ? [] : holdsOfWrite(request, name, deps),
  ])
  const byKey = <T>(keys: readonly StreamKey[], answers: readonly T[]) =>
    new Map(keys.map((key, index) => [streamKeyText(key), answers[index] as T]))
  return {
    reviews: byKey(plan.reviews, reviews),
    streams: byKey(plan.streams, streams),
    limits,
    held: heldTags(holds),
  }
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
