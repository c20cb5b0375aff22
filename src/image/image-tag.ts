import {
  type Image,
  type ImageStream,
  type ImageTag,
  imageApiVersion,
  imageGroup,
  imageResource,
  insecureRepositoryAnnotation,
  isAnnotatedTrue,
  type TagReference,
} from '../api/image/index.ts'
import {
  badRequest,
  type FieldError,
  invalid,
  metaUpdateErrors,
  notFound,
  type ObjectMeta,
  pathSegmentProblems,
  quote,
  validateObjectMeta,
} from '../machinery/index.ts'
import type { StreamEnv } from './env.ts'
import { pullSpec } from './resolve-tag.ts'
import { isSemanticallyEqual } from './same-spec.ts'
import { imageOfTag } from './stream-tag.ts'
import {
  latestEvent,
  specTag,
  specTags,
  statusTag,
  statusTags,
  withoutSpecTag,
  withSpecTag,
} from './stream-tags.ts'
import { addSpecTag, checkTagVersion, newStream, type TagWritePlan } from './tag-write.ts'
import { validateTagReference, withSourceOf } from './validate-tag.ts'
import {
  formatStreamTagName,
  parseStreamTagName,
  type StreamTagName,
  splitStreamTagName,
} from './virtual-name.ts'
import type { Whitelist } from './whitelist.ts'

/** Image tags: views of a stream that show spec and history of one tag (image-api.md §12). */

export const imageTagResource = imageResource('imagetags')
const kind = { group: imageGroup, kind: 'ImageTag' }

/** Throws BadRequest for anything but `<stream>:<tag>`. */
export function readImageTagName(name: string): StreamTagName {
  const parsed = parseStreamTagName(name)
  if (parsed === undefined) throw badRequest('ImageTags must be retrieved with <name>:<tag>')
  return parsed
}

/** The view of one tag, whether or not the stream has it; `image` is the current Image where it is to be shown. */
export function toImageTag(stream: ImageStream, tag: string, image?: Image): ImageTag {
  const spec = specTag(stream, tag) ?? null
  const event = latestEvent(stream, tag)
  return {
    kind: 'ImageTag',
    apiVersion: imageApiVersion,
    metadata: { ...stream.metadata, name: formatStreamTagName(stream.metadata.name ?? '', tag) },
    spec,
    status: statusTag(stream, tag) ?? null,
    image:
      image === undefined || event === undefined
        ? null
        : imageOfTag(image, event.image, pullSpec(stream, tag, event), null),
  }
}

/** Throws NotFound for a tag that is neither in spec nor in status. */
export function requireImageTag(stream: ImageStream, tag: string): void {
  if (specTag(stream, tag) === undefined && statusTag(stream, tag) === undefined) {
    throw notFound(imageTagResource, formatStreamTagName(stream.metadata.name ?? '', tag))
  }
}

/** Items of a list: every tag of spec and status, by name, without kind and apiVersion. */
export function listImageTags(stream: ImageStream): ImageTag[] {
  const names = new Set([
    ...specTags(stream).map(({ name }) => name),
    ...statusTags(stream).map(({ tag }) => tag),
  ])
  return [...names].sort().map((name) => {
    const { kind: ownKind, apiVersion, ...item } = toImageTag(stream, name)
    return item
  })
}

function specErrors(
  spec: TagReference,
  tag: string,
  metadata: ObjectMeta,
  whitelist: Whitelist,
): FieldError[] {
  const errors: FieldError[] = []
  if (spec.name !== tag) {
    errors.push({
      type: 'Invalid value',
      field: 'spec.name',
      value: spec.name,
      detail: 'must match image tag name',
    })
  }
  const insecure = isAnnotatedTrue({ metadata }, insecureRepositoryAnnotation)
  return [...errors, ...validateTagReference(spec, 'spec', whitelist, insecure)]
}

/** POST. `request` is canonical and has its namespace. Throws BadRequest, Invalid or AlreadyExists. */
export function planImageTagCreate(
  request: ImageTag,
  stream: ImageStream | undefined,
  env: StreamEnv,
): TagWritePlan {
  const { name = '', namespace = '' } = request.metadata
  const parts = splitStreamTagName(name)
  const errors = validateObjectMeta(request.metadata, { namespaced: true, nameRule: pathSegmentProblems })
  const spec = request.spec === null ? null : { ...request.spec, name: request.spec.name || parts.tag }
  if (spec === null) {
    errors.push({ type: 'Required value', field: 'spec', detail: 'spec is a required field during creation' })
  } else errors.push(...specErrors(spec, parts.tag, request.metadata, env.whitelist))
  if (errors.length > 0) throw invalid(kind, name, errors)
  if (!parts.hasTag || parts.stream === '') {
    throw badRequest(`${quote(name)} must be of the form <stream_name>:<tag>`)
  }
  return addSpecTag(stream, { namespace, stream: parts.stream, tag: parts.tag }, spec, 'imagetags')
}

/** Fields of the system may be left out of an update, and but for the uid it doesn't matter what they say. */
function completed(sent: ObjectMeta, stored: ObjectMeta): ObjectMeta {
  const { managedFields, uid, resourceVersion, creationTimestamp, generation, ...rest } = sent
  const system = {
    uid: uid || stored.uid,
    resourceVersion: stored.resourceVersion,
    creationTimestamp: stored.creationTimestamp,
    generation: stored.generation,
  }
  return {
    ...rest,
    ...Object.fromEntries(Object.entries(system).filter(([, value]) => value !== undefined)),
  }
}

function echoErrors(
  next: { metadata: ObjectMeta; status: ImageTag['status'] },
  stored: ImageTag,
): FieldError[] {
  const detail = 'may not update fields other than spec'
  const errors: FieldError[] = []
  const { managedFields, ...metadata } = stored.metadata
  if (!isSemanticallyEqual(next.metadata, metadata)) {
    errors.push({ type: 'Invalid value', field: 'metadata', value: '', detail })
  }
  if (!isSemanticallyEqual(next.status, stored.status)) {
    errors.push({ type: 'Invalid value', field: 'status', value: '', detail })
  }
  return errors
}

/** The object that a PUT replaces and a PATCH is applied to; also for a stream that does not exist yet. */
export function storedImageTag(stream: ImageStream | undefined, namespace: string, name: string): ImageTag {
  const parts = readImageTagName(name)
  return toImageTag(stream ?? newStream(namespace, parts.stream), parts.tag)
}

/**
 * PUT and PATCH. `request` is canonical. Throws BadRequest, NotFound, Conflict or Invalid. `spec: null` takes the spec tag
 * away and leaves the history.
 */
export function planImageTagUpdate(
  request: ImageTag,
  stream: ImageStream | undefined,
  env: StreamEnv,
): TagWritePlan {
  const { name = '', namespace = '' } = request.metadata
  const parts = readImageTagName(name)
  checkTagVersion(imageTagResource, request, stream)
  const base = stream ?? newStream(namespace, parts.stream)
  const spec = request.spec === null ? null : { ...request.spec, name: request.spec.name || parts.tag }
  const stored = toImageTag(base, parts.tag)
  const metadata = completed(request.metadata, stored.metadata)
  const { common, own } = metaUpdateErrors(metadata, stored.metadata, { namespaced: true })
  const whitelist = withSourceOf(stored.spec, env.whitelist)
  const errors = [
    ...common,
    ...own,
    ...(spec === null ? [] : specErrors(spec, parts.tag, request.metadata, whitelist)),
    ...echoErrors({ metadata, status: request.status }, stored),
  ]
  if (errors.length > 0) throw invalid(kind, name, errors)
  return {
    next: spec === null ? withoutSpecTag(base, parts.tag) : withSpecTag(base, spec, env.defaultImportMode),
    old: stream,
    created: specTag(base, parts.tag) === undefined,
    changed: true,
  }
}
