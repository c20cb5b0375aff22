import type { ImageStream } from '../api/image/index.ts'
import { asRepository, formatExact, type ImageReference, parseReference } from '../oci/index.ts'
import { resolveTag } from './resolve-tag.ts'

/** What an image of a workload becomes when it is written (triggers.md §7.3): planned first, decided once the stream is known. */

export interface LookupContext {
  /** Of the object. */
  namespace: string
  /** By the resolve-names annotation: then only name and tag of the reference count. */
  isForced: boolean
  /** Whether names of one part may mean a stream of the namespace. */
  localNames: boolean
  /** `host[:port]` of our registry, '' for none. */
  internalRegistry: string
}

export const resolveNamesAnnotation = 'alpha.image.policy.openshift.io/resolve-names'

export type KeptReason =
  /** No image reference at all. */
  | 'not-a-reference'
  | 'has-digest'
  /** Names a repository elsewhere. */
  | 'not-local'
  | 'no-stream'
  /** The stream does not lend its name, and the object did not ask. */
  | 'not-offered'
  /** Names our registry: it stays, though its digest is known. */
  | 'names-our-registry'
  | 'no-repository'

/** What has to be known before an image can be decided on. */
export type LookupPlan =
  | { kind: 'keep'; why: KeptReason; digest?: string }
  | {
      kind: 'tag'
      namespace: string
      stream: string
      tag: string
      /** A plain name, or one that is forced to be taken as one. */
      isPartial: boolean
      isForced: boolean
    }

export type LookupVerdict =
  | { kind: 'rewritten'; image: string; digest?: string }
  /** `digest` is what it stands for, where that is known. */
  | {
      kind: 'kept'
      why: KeptReason
      digest?: string
      /** By digest, as a policy that rewrites whatever it can resolve wants it. */
      exact?: string
    }

export function planLookup(image: string, context: LookupContext): LookupPlan {
  const reference = parseReference(image)
  if (reference === undefined || reference.name === '') return { kind: 'keep', why: 'not-a-reference' }
  if (reference.id !== '') return { kind: 'keep', why: 'has-digest', digest: reference.id }
  const { isForced, localNames, namespace, internalRegistry } = context
  const isFull = internalRegistry !== '' && reference.registry === internalRegistry
  const isPlain = reference.registry === '' && reference.namespace === ''
  const isPartial = isForced || (isPlain && localNames)
  if (!isFull && !isPartial) return { kind: 'keep', why: 'not-local' }
  return {
    kind: 'tag',
    namespace: isForced || reference.namespace === '' ? namespace : reference.namespace,
    stream: reference.name,
    tag: reference.tag || 'latest',
    isPartial,
    isForced,
  }
}

/** `stream` is the one that the plan names, decorated with its repository; undefined where there is none. */
export function decideLookup(plan: LookupPlan, stream: ImageStream | undefined): LookupVerdict {
  if (plan.kind === 'keep') return { ...plan, kind: 'kept' }
  if (stream === undefined) return { kind: 'kept', why: 'no-stream' }
  const isOffered = plan.isForced || stream.spec.lookupPolicy.local
  const found = resolveTag(stream, plan.tag)
  if (found.kind !== 'image') return decideUnresolved(plan.tag, stream, isOffered)
  const digest = { digest: found.image }
  const source = parseReference(found.reference)
  if (!plan.isPartial) {
    const exact = source === undefined || source.name === '' ? {} : { exact: withDigest(source, found.image) }
    return { kind: 'kept', why: 'names-our-registry', ...digest, ...exact }
  }
  if (!isOffered) return { kind: 'kept', why: 'not-offered', ...digest }
  if (source === undefined || source.name === '') return { kind: 'kept', why: 'no-repository', ...digest }
  return { kind: 'rewritten', image: withDigest(source, found.image), ...digest }
}

/** A tag that stands for no image still belongs to our registry rather than to somebody else's on Docker Hub. */
function decideUnresolved(tag: string, stream: ImageStream, isOffered: boolean): LookupVerdict {
  if (!isOffered) return { kind: 'kept', why: 'not-offered' }
  const repository = stream.status.dockerImageRepository
  return repository === ''
    ? { kind: 'kept', why: 'no-repository' }
    : { kind: 'rewritten', image: `${repository}:${tag}` }
}

function withDigest(source: ImageReference, digest: string): string {
  return formatExact({ ...asRepository(source), id: digest })
}
