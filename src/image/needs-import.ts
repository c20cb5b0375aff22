import {
  type ImageStream,
  type ImageStreamImport,
  imageApiVersion,
  importSuccess,
  insecureRepositoryAnnotation,
  isAnnotatedTrue,
  repositoryCheckAnnotation,
  type TagReference,
} from '../api/image/index.ts'
import { isImageDigest, parseReference } from '../oci/index.ts'
import { latestEvent, specTags, statusTag, withSpecTags } from './stream-tags.ts'

/** When the controllers import, and what (import.md §7, §8). */

export function isImportable({ from, reference }: TagReference): boolean {
  return from?.kind === 'DockerImage' && reference !== true
}

/** The generation of a spec tag that history or a failed attempt has caught up with; 0 for none. */
export function observedGeneration(stream: ImageStream, tag: string): number {
  const status = statusTag(stream, tag)
  const condition = status?.conditions?.find(({ type }) => type === importSuccess)
  return Math.max(status?.items?.[0]?.generation ?? 0, condition?.generation ?? 0)
}

/** Whether the tag waits for an import. `ifUnset` answers for tags that have no generation yet. */
export function needsImport(stream: ImageStream, tag: TagReference, ifUnset: boolean): boolean {
  if (!isImportable(tag)) return false
  if (tag.generation === null) return ifUnset
  return tag.generation > observedGeneration(stream, tag.name)
}

type ImportScope = 'full' | 'partial' | 'none'

function importScope(stream: ImageStream): ImportScope {
  const wasImported = Boolean(stream.metadata.annotations?.[repositoryCheckAnnotation])
  if (!wasImported && stream.spec.dockerImageRepository) return 'full'
  const isWaiting = (tag: TagReference): boolean =>
    wasImported ? needsImport(stream, tag, false) : isImportable(tag)
  return specTags(stream).some(isWaiting) ? 'partial' : 'none'
}

/** The request that the import controller sends for a stream; undefined when nothing waits. */
export function importRequestFor(stream: ImageStream): ImageStreamImport | undefined {
  const scope = importScope(stream)
  if (scope === 'none') return undefined
  const tags = specTags(stream).filter((tag) =>
    scope === 'full' ? isImportable(tag) : needsImport(stream, tag, true),
  )
  const repository = scope === 'full' ? stream.spec.dockerImageRepository : undefined
  if (tags.length === 0 && repository === undefined) return undefined
  const { name = '', namespace = '', resourceVersion = '', uid = '' } = stream.metadata
  return {
    kind: 'ImageStreamImport',
    apiVersion: imageApiVersion,
    metadata: { name, namespace, resourceVersion, uid },
    spec: {
      import: true,
      ...(repository === undefined ? {} : { repository: repositoryRequest(stream, repository) }),
      ...(tags.length === 0 ? {} : { images: tags.map(imageRequest) }),
    },
    status: {},
  }
}

function repositoryRequest(stream: ImageStream, name: string) {
  const insecure = isAnnotatedTrue(stream, insecureRepositoryAnnotation)
  return {
    from: { kind: 'DockerImage', name },
    importPolicy: insecure ? { insecure } : {},
    referencePolicy: { type: '' },
  }
}

function imageRequest({ name, from, importPolicy, referencePolicy }: TagReference) {
  return {
    from: { kind: 'DockerImage', name: from?.name ?? '' },
    to: { name },
    importPolicy,
    referencePolicy,
  }
}

/** Whether the scheduler has to look after the tag: a pinned digest only until it was imported once. */
export function isScheduled(stream: ImageStream, tag: TagReference): boolean {
  if (!isImportable(tag) || tag.importPolicy.scheduled !== true) return false
  const reference = parseReference(tag.from?.name ?? '')
  if (reference === undefined) return false
  const event = latestEvent(stream, tag.name)
  const isDone = event !== undefined && event.generation === tag.generation
  return !(isImageDigest(reference.id) && isDone)
}

export function hasScheduledTag(stream: ImageStream): boolean {
  return specTags(stream).some((tag) => isScheduled(stream, tag))
}

/** The request that the scheduler sends when a stream's turn comes: all scheduled tags as if they had just changed. */
export function scheduledImportRequestFor(stream: ImageStream): ImageStreamImport | undefined {
  if (!hasScheduledTag(stream)) return undefined
  const generation = (stream.metadata.generation ?? 0) + 1
  const tags = specTags(stream).map((tag) => (isScheduled(stream, tag) ? { ...tag, generation } : tag))
  return importRequestFor(withSpecTags(stream, tags))
}
