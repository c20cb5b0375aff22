import type { Image, ImageStream } from '../../api/image/index.ts'
import { imageStreams, imageStreamTags } from '../../api/image/index.ts'
import { type TagHold, type TagRollback, tagRollbacks, weirResource } from '../../api/index.ts'
import {
  applyTagRollback,
  chooseRollback,
  formatStreamTagName,
  parseStreamTagName,
  type RollbackChoice,
  refuseRollback,
  rejectedAfter,
  statusTag,
  streamTagResource,
} from '../../image/index.ts'
import { isApiError, notFound } from '../../machinery/errors.ts'
import { formatTime } from '../../machinery/object.ts'
import type { Change } from '../../store/store.ts'
import { requireAllowed, resourceAction } from '../authorized.ts'
import type { CreateRequest, Endpoint, ScopedRequest } from '../endpoint.ts'
import { objectKey } from '../keys.ts'
import type { Plan } from '../object-writer.ts'
import type { WriteRequest } from '../write-strategy.ts'
import type { ImageEndpointDeps } from './deps.ts'
import { readPast } from './read-past.ts'
import type { StreamAccess } from './stream-access.ts'
import { streamStrategy } from './stream-strategy.ts'
import { endHold, findHolds, writeHold } from './tag-hold-store.ts'

const resource = weirResource(tagRollbacks.plural)
const maxAttempts = 50

/**
 * `tagrollbacks`: moves a tag back, and the tags that follow it, and remembers what was rejected, in one commit (design.md §6).
 * Needs the right to update the image stream tag besides.
 */
export function createRollbackEndpoint(deps: ImageEndpointDeps, access: StreamAccess): Endpoint {
  const roll = async (asked: TagRollback, request: CreateRequest): Promise<TagRollback> => {
    const name = asked.metadata.name ?? ''
    const parts = parseStreamTagName(name)
    if (parts === undefined) throw refuseRollback(name, 'metadata.name', name, 'must be <stream>:<tag>')
    await requireTagUpdate(request, name, deps)
    return deps.lock.run(objectKey(imageStreams, request.namespace, parts.stream), async () => {
      for (let attempt = 1; ; attempt++) {
        try {
          return await rollOnce(asked, parts, request, deps, access)
        } catch (error) {
          const isLost = isApiError(error, 'Conflict') && error.details?.name === parts.stream
          if (!isLost || attempt === maxAttempts) throw error
        }
      }
    })
  }
  return { kind: tagRollbacks, create: (request) => roll(request.object as TagRollback, request) }
}

/** The same right that writing the tag takes. */
export async function requireTagUpdate(
  { caller, namespace }: ScopedRequest,
  name: string,
  { authorize }: ImageEndpointDeps,
): Promise<void> {
  const { group, plural } = imageStreamTags
  const action = { verb: 'update', group, resource: plural, subresource: '', namespace, name }
  await requireAllowed(authorize, caller, resourceAction(action))
}

async function rollOnce(
  asked: TagRollback,
  { stream: streamName, tag }: { stream: string; tag: string },
  { object: _object, manager: _manager, ...scope }: CreateRequest,
  deps: ImageEndpointDeps,
  access: StreamAccess,
): Promise<TagRollback> {
  const { namespace } = scope
  const now = deps.clock()
  const name = formatStreamTagName(streamName, tag)
  const { stream, entry } = await access.require(namespace, streamName, streamTagResource)
  if (statusTag(stream, tag) === undefined) throw notFound(streamTagResource, name)
  const holds = await findHolds(namespace, streamName, deps)
  const hold = holds.find((each) => each.tag === tag)
  const past = await readPast(stream, { namespace, stream: streamName, tag }, deps)
  const choice = chooseRollback({ stream, tag, spec: asked.spec ?? {}, past, hold, now })
  const image = await access.image(choice.after.image)
  // What the stream no longer lists has been pruned from it, and its content may be gone though the Image is there.
  if (image === undefined || !isListed(stream, choice.after.image)) {
    const detail = `${choice.after.image}, which the tag was, has been pruned`
    throw refuseRollback(name, 'spec.to', asked.spec?.to ?? '', detail)
  }
  const rejected = rejectedAfter(stream, tag, choice, hold)
  const { message = '' } = asked.spec ?? {}
  const request: WriteRequest = {
    ...scope,
    now,
    resource,
    cause: 'rollback',
    origin: { tag, images: [image], ...(message === '' ? {} : { message }) },
  }
  const next = applyTagRollback(stream, tag, choice, holds, now)
  const plan = await deps.writer.planUpdate(streamStrategy('status', deps), next, entry, request)
  const kept =
    rejected === undefined ? undefined : toHold(hold, { stream, tag, rejected, message }, request, deps)
  const change = holdChange(kept, hold)
  const whole: Plan = { ...plan, alongside: [...(plan.alongside ?? []), ...change] }
  if (!scope.dryRun) await deps.writer.commit([whole], resource)
  return answer(asked, namespace, name, choice, image, kept !== undefined)
}

function isListed({ status }: ImageStream, digest: string): boolean {
  return (status.tags ?? []).some(({ items }) => (items ?? []).some(({ image }) => image === digest))
}

function holdChange(kept: TagHold | undefined, before: TagHold | undefined): Change[] {
  if (kept !== undefined) return [writeHold(kept)]
  return before === undefined ? [] : [endHold(before)]
}

interface HoldParts {
  stream: ImageStream
  tag: string
  rejected: string[]
  message: string
}

function toHold(
  before: TagHold | undefined,
  { stream, tag, rejected, message }: HoldParts,
  { caller, onBehalfOf, now }: WriteRequest,
  { randomUuid }: ImageEndpointDeps,
): TagHold {
  const { name: streamName = '', namespace = '' } = stream.metadata
  const fresh = {
    name: formatStreamTagName(streamName, tag),
    namespace,
    uid: randomUuid(),
    creationTimestamp: formatTime(now),
  }
  return {
    metadata: before?.metadata ?? fresh,
    stream: streamName,
    tag,
    rejected,
    subject: onBehalfOf ?? caller.name,
    since: formatTime(now),
    ...(message === '' ? {} : { message }),
  }
}

function answer(
  asked: TagRollback,
  namespace: string,
  name: string,
  { before, after }: RollbackChoice,
  image: Image,
  held: boolean,
): TagRollback {
  const mediaType = image.dockerImageManifestMediaType ?? ''
  return {
    kind: tagRollbacks.kind,
    apiVersion: `${tagRollbacks.group}/${tagRollbacks.version}`,
    metadata: { name, namespace },
    spec: asked.spec ?? {},
    status: { before, after: { ...after, ...(mediaType === '' ? {} : { mediaType }) }, held },
  }
}
