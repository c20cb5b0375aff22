import { type ImageStream, imageApiVersion, imageGroup, type TagReference } from '../api/image/index.ts'
import { ApiError, conflict, type GroupResource, type KubeObject, notFound } from '../machinery/index.ts'
import { specTag, statusTag, withoutSpecTag, withoutStatusTag, withSpecTag } from './stream-tags.ts'
import { formatStreamTagName } from './virtual-name.ts'

/** What writing an image stream tag or image tag makes of its stream; goes through planStreamWrite as `internal`. */
export interface TagWritePlan {
  next: ImageStream
  /** undefined where the stream is to be created. */
  old: ImageStream | undefined
  /** The spec tag did not exist before: the answer is 201. */
  created: boolean
  /** false: nothing is to be written, the answer shows the stream as it is. */
  changed: boolean
}

/** The stream that a write to a tag of a missing stream starts from. */
export function newStream(namespace: string, name: string): ImageStream {
  return {
    kind: 'ImageStream',
    apiVersion: imageApiVersion,
    metadata: { name, namespace },
    spec: { lookupPolicy: { local: false } },
    status: { dockerImageRepository: '' },
  }
}

/**
 * The optimistic lock of updates (image-api.md §11.5): no version asks for none; a version of a missing stream is
 * NotFound, another than the stream's a Conflict.
 */
export function checkTagVersion(
  resource: GroupResource,
  request: KubeObject,
  stream: ImageStream | undefined,
): void {
  const { name = '', resourceVersion: sent = '' } = request.metadata
  if (sent === '') return
  const current = stream?.metadata.resourceVersion
  if (current === undefined) throw notFound(resource, name)
  if (sent !== current) {
    throw conflict(resource, name, `another caller has updated the resource version to ${current}`)
  }
}

/** Puts a tag into the stream for a POST. Throws AlreadyExists, naming `resource`, for a spec tag that is there. */
export function addSpecTag(
  stream: ImageStream | undefined,
  key: { namespace: string; stream: string; tag: string },
  tag: TagReference | null,
  resource: string,
): TagWritePlan {
  if (stream !== undefined && specTag(stream, key.tag) !== undefined) {
    const name = formatStreamTagName(key.stream, key.tag)
    throw new ApiError(409, 'AlreadyExists', `${resource}.${imageGroup} "${name}" already exists`, {
      details: { name, group: imageGroup, kind: resource },
    })
  }
  const base = stream ?? newStream(key.namespace, key.stream)
  const next = tag === null ? base : withSpecTag(base, { ...tag, name: key.tag })
  return { next, old: stream, created: true, changed: tag !== null || stream === undefined }
}

/** Takes a tag out of spec and status (image-api.md §11.6). `uid` is that of the stream. */
export function planTagDelete(
  stream: ImageStream,
  tag: string,
  resource: GroupResource,
  preconditions: { uid?: string | undefined } = {},
): TagWritePlan {
  const name = formatStreamTagName(stream.metadata.name ?? '', tag)
  if (preconditions.uid !== undefined && preconditions.uid !== stream.metadata.uid) {
    throw conflict(resource, name, 'the UID precondition was not met')
  }
  if (specTag(stream, tag) === undefined && statusTag(stream, tag) === undefined) {
    throw notFound(resource, name)
  }
  const next = withoutSpecTag(withoutStatusTag(stream, tag), tag)
  return { next, old: stream, created: false, changed: true }
}
