import {
  type ImageStream,
  type ImageStreamTag,
  imageGroup,
  insecureRepositoryAnnotation,
  isAnnotatedTrue,
  type TagReference,
} from '../api/image/index.ts'
import {
  badRequest,
  type FieldError,
  invalid,
  metaUpdateErrors,
  type ObjectMeta,
  pathSegmentProblems,
  quote,
  validateObjectMeta,
} from '../machinery/index.ts'
import type { StreamEnv } from './env.ts'
import { isSemanticallyEqual } from './same-spec.ts'
import { readStreamTagName, streamTagResource, toStreamTag } from './stream-tag.ts'
import { specTag, withSpecTag } from './stream-tags.ts'
import { addSpecTag, checkTagVersion, newStream, type TagWritePlan } from './tag-write.ts'
import { validateTagReference, withSourceOf } from './validate-tag.ts'
import { splitStreamTagName } from './virtual-name.ts'
import type { Whitelist } from './whitelist.ts'

const kind = { group: imageGroup, kind: 'ImageStreamTag' }

/** image-api.md §5.7, what creation and update share. */
function tagErrors({ metadata, tag }: ImageStreamTag, whitelist: Whitelist): FieldError[] {
  if (tag === null) return []
  const insecure = isAnnotatedTrue({ metadata }, insecureRepositoryAnnotation)
  const errors = validateTagReference(tag, 'tag', whitelist, insecure)
  if (tag.annotations !== null && !isSemanticallyEqual(tag.annotations, metadata.annotations)) {
    const detail = 'tag annotations must not be provided or must be equal to the object meta annotations'
    errors.push({ type: 'Invalid value', field: 'tag.annotations', value: '<map>', detail })
  }
  return errors
}

function refuse(name: string, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalid(kind, name, errors)
}

function metaErrors(metadata: ObjectMeta): FieldError[] {
  return validateObjectMeta(metadata, { namespaced: true, nameRule: pathSegmentProblems })
}

/**
 * POST (image-api.md §11.4). `request` is canonical and has its namespace. Throws BadRequest, Invalid or AlreadyExists.
 * Annotations of the object don't become those of the tag.
 */
export function planStreamTagCreate(
  request: ImageStreamTag,
  stream: ImageStream | undefined,
  env: StreamEnv,
): TagWritePlan {
  const { name = '', namespace = '' } = request.metadata
  const parts = splitStreamTagName(name)
  const tag = request.tag === null ? null : { ...request.tag, name: request.tag.name || parts.tag }
  refuse(name, [...metaErrors(request.metadata), ...tagErrors({ ...request, tag }, env.whitelist)])
  if (!parts.hasTag || parts.stream === '') {
    throw badRequest(`${quote(name)} must be of the form <stream_name>:<tag>`)
  }
  return addSpecTag(stream, { namespace, stream: parts.stream, tag: parts.tag }, tag, 'imagestreamtag')
}

/** What a client may leave out is taken from the stored view (image-api.md §5.7). */
function completed(
  sent: ImageStreamTag['metadata'],
  stored: ImageStreamTag['metadata'],
): ImageStreamTag['metadata'] {
  const { labels = {}, managedFields, generation, ...rest } = sent
  const kept = Object.keys(labels).length === 0 ? stored.labels : labels
  const { creationTimestamp } = stored
  return {
    ...rest,
    uid: sent.uid || (stored.uid ?? ''),
    resourceVersion: stored.resourceVersion ?? '',
    ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
    ...(kept === undefined ? {} : { labels: kept }),
  }
}

function updateErrors(next: ImageStreamTag, stored: ImageStreamTag, whitelist: Whitelist): FieldError[] {
  const { annotations, ...metadata } = next.metadata
  const { annotations: replaced, ...before } = stored.metadata
  const { common, own } = metaUpdateErrors(next.metadata, stored.metadata, { namespaced: true })
  const errors = [...common, ...own, ...tagErrors(next, withSourceOf(stored.tag, whitelist))]
  if (!isSemanticallyEqual(metadata, before)) {
    const detail = 'may not update fields other than metadata.annotations'
    errors.push({ type: 'Invalid value', field: 'metadata', value: '', detail })
  }
  return errors
}

/** The object that a PUT replaces and a PATCH is applied to; also for a stream that does not exist yet. */
export function storedStreamTag(
  stream: ImageStream | undefined,
  namespace: string,
  name: string,
): ImageStreamTag {
  const parts = readStreamTagName(name)
  return toStreamTag(stream ?? newStream(namespace, parts.stream), parts.tag)
}

/**
 * PUT and PATCH (image-api.md §11.5). `request` is canonical. Throws BadRequest, NotFound, Conflict or Invalid. The tag's
 * annotations become those of the object, so an update without annotations removes them.
 */
export function planStreamTagUpdate(
  request: ImageStreamTag,
  stream: ImageStream | undefined,
  env: StreamEnv,
): TagWritePlan {
  const { name = '', namespace = '' } = request.metadata
  const parts = readStreamTagName(name)
  checkTagVersion(streamTagResource, request, stream)
  const base = stream ?? newStream(namespace, parts.stream)
  const annotations = request.metadata.annotations ?? null
  const stored = toStreamTag(base, parts.tag)
  const metadata = completed(request.metadata, stored.metadata)
  const tag = request.tag === null ? null : { ...request.tag, annotations }
  refuse(name, updateErrors({ ...request, metadata, tag }, stored, env.whitelist))
  const before = specTag(base, parts.tag)
  const next: TagReference | undefined = tag ?? before
  if (next === undefined) {
    const where = `${base.metadata.namespace}/${base.metadata.name}`
    throw badRequest(
      `imagestreamtag ${parts.tag} is not a spec tag in imagestream ${where}, cannot be updated`,
    )
  }
  return {
    next: withSpecTag(base, { ...next, name: parts.tag, annotations }, env.defaultImportMode),
    old: stream,
    created: before === undefined,
    changed: true,
  }
}
