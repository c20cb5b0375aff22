import {
  canonicalImageStream,
  canonicalStreamStatus,
  type ImageStream,
  imageGroup,
  type TagReference,
} from '../api/image/index.ts'
import { type ApiError, type FieldError, invalid, quote } from '../machinery/index.ts'
import type { StreamEnv } from './env.ts'
import { changedTags, firstGenerations, nextGenerations, withStatusGenerations } from './generations.ts'
import { growsStream, type LimitRange, streamLimitError } from './limits.ts'
import { decorateStream } from './repository-fields.ts'
import {
  type ForeignStreams,
  foreignStreams,
  resolveSpecTags,
  type StreamKey,
  streamKeyText,
} from './resolve-spec-tags.ts'
import { specTags, statusTags, withSpecTags, withStatusTags } from './stream-tags.ts'
import type { HeldTags } from './tag-holds.ts'
import { parseTagSource, sourceForm } from './tag-source.ts'
import { updateFollowers } from './track.ts'
import { commonStreamErrors, validateStream, validateStreamStatus } from './validate-stream.ts'

/**
 * Who writes (image-api.md §6.1, §6.2): `public` is the imagestreams resource itself, `status` its subresource and
 * mappings, `internal` image stream tags, image tags and imports, which bring status and spec.
 */
export type WriteFlavour = 'public' | 'status' | 'internal'

/** A stream about to be written, and what must be found out before it can be. */
export interface StreamWritePlan {
  flavour: WriteFlavour
  /** With generations and repository fields, but not yet resolved. */
  next: ImageStream
  old: ImageStream | undefined
  /** May the caller `get imagestreams/layers` of these? (§7.1) */
  reviews: StreamKey[]
  /** Streams to read with the server's own rights (§7.2). */
  streams: StreamKey[]
  /** Whether the namespace's LimitRanges may matter. */
  wantsLimits: boolean
}

export interface ReviewAnswer {
  allowed: boolean
  reason?: string
  evaluationError?: string
  /** The question itself failed. */
  error?: string
}

export interface StreamWriteFacts {
  /** Answers to `reviews`, by `namespace/name`; what is absent counts as denied. */
  reviews: ReadonlyMap<string, ReviewAnswer>
  /** Answers to `streams`, by `namespace/name`. */
  streams: ForeignStreams
  limits: readonly LimitRange[]
  /** What tags don't follow their sources to; absent: nothing. */
  held?: HeldTags
}

export const noFacts: StreamWriteFacts = { reviews: new Map(), streams: new Map(), limits: [] }

const streamKind = { group: imageGroup, kind: 'ImageStream' }

function isAbroad(stream: ImageStream, { from }: TagReference): boolean {
  return Boolean(from?.namespace) && from?.namespace !== stream.metadata.namespace
}

/** Keys of what changed tags in other namespaces point at; those that cannot be read are no key. */
function reviewKeys(stream: ImageStream, tags: readonly TagReference[]): StreamKey[] {
  return foreignStreams(
    stream,
    tags.filter((tag) => isAbroad(stream, tag)),
  )
}

function withoutEmptyHistories(stream: ImageStream): ImageStream {
  const tags = statusTags(stream)
  const kept = tags.filter(({ items, conditions }) => items !== null || conditions !== undefined)
  return kept.length === tags.length ? stream : withStatusTags(stream, kept)
}

function startOf(
  next: ImageStream,
  old: ImageStream | undefined,
  flavour: WriteFlavour,
  env: StreamEnv,
): ImageStream {
  if (old === undefined) {
    const status = flavour === 'public' ? { dockerImageRepository: '' } : next.status
    return firstGenerations(decorateStream({ ...next, status }, env))
  }
  if (flavour === 'status') return startOfStatus(next, old)
  const status = flavour === 'public' ? old.status : next.status
  return nextGenerations(decorateStream(withoutEmptyHistories({ ...next, status }), env), old)
}

/** Spec tags and repository stay as they are stored; the lookup policy and metadata come along. */
function startOfStatus(next: ImageStream, old: ImageStream): ImageStream {
  const { tags, dockerImageRepository, ...spec } = next.spec
  const stored = old.spec.dockerImageRepository
  const kept = {
    ...next,
    metadata: { ...next.metadata, generation: old.metadata.generation ?? 0 },
    spec: { ...spec, ...(stored === undefined ? {} : { dockerImageRepository: stored }) },
  }
  return withStatusGenerations(withSpecTags(kept, specTags(old)), old)
}

/**
 * First half of every write of a stream (image-api.md §6). `old` is the stored stream, undefined to create one. The name
 * and namespace of `next` are set.
 */
export function planStreamWrite(
  next: ImageStream,
  old: ImageStream | undefined,
  flavour: WriteFlavour,
  env: StreamEnv,
): StreamWritePlan {
  const canonicalOld = old === undefined ? undefined : canonicalImageStream(old, env.defaultImportMode)
  // A write that leaves the spec alone leaves it the same object: then much need not be compared.
  const canonicalNext =
    canonicalOld !== undefined && next.spec === old?.spec
      ? { ...next, spec: canonicalOld.spec, status: canonicalStreamStatus(next.status) }
      : canonicalImageStream(next, env.defaultImportMode)
  const start = startOf(canonicalNext, canonicalOld, flavour, env)
  const changed = flavour === 'status' ? [] : changedTags(start, canonicalOld)
  return {
    flavour,
    next: start,
    old: canonicalOld,
    reviews: reviewKeys(start, changed),
    streams: foreignStreams(start, changed),
    wantsLimits: changed.length > 0 || growsStream(start, canonicalOld),
  }
}

function deniedDetail(key: StreamKey, answer: ReviewAnswer | undefined): string {
  const { reason = '', evaluationError = '', error } = answer ?? {}
  const text = `${streamKeyText(key)}: ${quote(reason)} ${quote(evaluationError)}`
  return error === undefined ? text : `${text} - ${error}`
}

/** What changed tags in other namespaces may not point at (image-api.md §7.1). */
function accessErrors(plan: StreamWritePlan, facts: StreamWriteFacts): Map<string, FieldError> {
  const errors = new Map<string, FieldError>()
  for (const tag of changedTags(plan.next, plan.old)) {
    if (!isAbroad(plan.next, tag)) continue
    const path = `spec.tags[${tag.name}].from`
    const source = parseTagSource(plan.next, tag.from ?? {})
    if (source === undefined) {
      const value = tag.from?.name ?? ''
      errors.set(tag.name, { type: 'Invalid value', field: `${path}.name`, value, detail: sourceForm })
      continue
    }
    const key = { namespace: source.namespace, name: source.stream }
    const answer = facts.reviews.get(streamKeyText(key))
    if (answer?.allowed === true && answer.error === undefined) continue
    errors.set(tag.name, { type: 'Forbidden', field: path, detail: deniedDetail(key, answer) })
  }
  return errors
}

/** Wraps an error about the whole stream as validation reports it: at the empty path (image-api.md §5.10). */
function wrapped(error: ApiError): FieldError {
  return { type: 'Internal error', field: '', detail: error.message }
}

/** Throws the ApiError for a stream that may not be written. */
function refuse(stream: ImageStream, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalid(streamKind, stream.metadata.name ?? '', errors)
}

function applyStatusWrite(
  plan: StreamWritePlan,
  old: ImageStream,
  facts: StreamWriteFacts,
  env: StreamEnv,
): ImageStream {
  const limit = streamLimitError(plan.next, old, facts.limits)
  const limitErrors: FieldError[] =
    limit === undefined ? [] : [{ type: 'Forbidden', field: 'imageStream', detail: limit.message }]
  refuse(plan.next, [
    ...commonStreamErrors(plan.next, old),
    ...limitErrors,
    ...validateStreamStatus(plan.next, old, env.whitelist),
  ])
  return plan.next
}

/**
 * Second half: resolves what changed, hands it on to followers, checks limits, validates. The stream to be stored, with
 * resourceVersion and uid as they came. Throws an ApiError, reason Invalid.
 */
export function applyStreamWrite(
  plan: StreamWritePlan,
  facts: StreamWriteFacts,
  env: StreamEnv,
): ImageStream {
  const { flavour, next, old } = plan
  if (flavour === 'status' && old !== undefined) return applyStatusWrite(plan, old, facts, env)
  const denied = accessErrors(plan, facts)
  const resolved = resolveSpecTags(
    next,
    old,
    { foreign: facts.streams, internalRegistry: env.internalRegistry, now: env.now },
    new Set(denied.keys()),
  )
  const stream = updateFollowers(resolved.stream, old, facts.held)
  const tagErrors = [...denied.values(), ...resolved.errors]
  const name = stream.metadata.name ?? ''
  const problem =
    tagErrors.length > 0
      ? invalid({ group: '', kind: 'imagestreams' }, name, tagErrors)
      : streamLimitError(stream, old, facts.limits)
  const common = old === undefined ? [] : commonStreamErrors(stream, old)
  const errors = problem === undefined ? common : [...common, wrapped(problem)]
  refuse(stream, [...errors, ...validateStream(stream, old, env.whitelist)])
  return stream
}
