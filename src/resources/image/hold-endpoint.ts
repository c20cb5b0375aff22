import { imageStreams } from '../../api/image/index.ts'
import { type TagHold, tagHolds } from '../../api/index.ts'
import {
  addTagEvent,
  followedTag,
  heldTags,
  latestEvent,
  specTag,
  updateFollowers,
} from '../../image/index.ts'
import { isApiError } from '../../machinery/errors.ts'
import type { Key } from '../../store/store.ts'
import { deletedStatus, requirePreconditions } from '../delete-object.ts'
import type { DeleteRequest, Endpoint } from '../endpoint.ts'
import { objectKey } from '../keys.ts'
import type { Plan } from '../object-writer.ts'
import { createStoredEndpoint, requireEntry } from '../stored-endpoint.ts'
import type { WriteRequest } from '../write-strategy.ts'
import type { ImageEndpointDeps } from './deps.ts'
import { requireTagUpdate } from './rollback-endpoint.ts'
import type { StreamAccess } from './stream-access.ts'
import { streamStrategy } from './stream-strategy.ts'
import { onlySystem, pick } from './tag-history-endpoints.ts'
import { findHolds } from './tag-hold-store.ts'

const resource = { group: tagHolds.group, resource: tagHolds.plural }
const maxAttempts = 50

/**
 * `tagholds`: made by rollbacks, ended by what their source offers. Deleting one lets the tag follow again: one that tracks a
 * tag of its stream comes to that tag's image in the same commit, one that is imported waits for its next import.
 */
export function createHoldEndpoint(deps: ImageEndpointDeps, access: StreamAccess): Endpoint {
  const stored = createStoredEndpoint(tagHolds, deps)
  return {
    kind: tagHolds,
    ...pick(stored, ['get', 'list', 'watch']),
    deleteCollection: onlySystem(stored),
    async delete(request) {
      await requireTagUpdate(request, request.name, deps)
      const stream = request.name.split(':', 1)[0] ?? ''
      return deps.lock.run(objectKey(imageStreams, request.namespace, stream), async () => {
        for (let attempt = 1; ; attempt++) {
          try {
            return await resumeOnce(request, deps, access)
          } catch (error) {
            const isLost = isApiError(error, 'Conflict') && error.details?.name === stream
            if (!isLost || attempt === maxAttempts) throw error
          }
        }
      })
    },
  }
}

async function resumeOnce(
  { namespace, name, options, ...scope }: DeleteRequest,
  deps: ImageEndpointDeps,
  access: StreamAccess,
) {
  const entry = await requireEntry(tagHolds, namespace, name, deps)
  const hold = deps.cache.decode(entry) as TagHold
  requirePreconditions(tagHolds, hold, options)
  const dryRun = options.dryRun ?? false
  const request: WriteRequest = {
    ...scope,
    namespace,
    dryRun,
    now: deps.clock(),
    resource,
    cause: scope.cause ?? 'tag',
    // No tag is named: this one follows.
    origin: { tag: '', message: 'resumed' },
  }
  const plans = await planFollow(hold, entry.key, request, deps, access)
  const gone: Plan = {
    kind: tagHolds,
    object: hold,
    change: { key: entry.key, value: undefined, expect: 'any' },
  }
  if (!dryRun) await deps.writer.commit([...plans, gone], resource)
  return deletedStatus(tagHolds, hold)
}

/** The tag at the image of the tag that it tracks; nothing for other tags. */
async function planFollow(
  { stream: name, tag }: TagHold,
  holdKey: Key,
  request: WriteRequest,
  deps: ImageEndpointDeps,
  access: StreamAccess,
): Promise<Plan[]> {
  const found = await access.find(request.namespace, name)
  const from = found === undefined ? undefined : specTag(found.stream, tag)?.from
  if (found === undefined || from === undefined) return []
  const source = followedTag(found.stream, from)
  const event = source === undefined ? undefined : latestEvent(found.stream, source)
  if (event === undefined) return []
  const others = (await findHolds(request.namespace, name, deps)).filter((hold) => hold.tag !== tag)
  const moved = addTagEvent(found.stream, tag, event)
  const next = updateFollowers(moved, found.stream, heldTags(others))
  if (next === found.stream) return []
  const plan = await deps.writer.planUpdate(streamStrategy('status', deps), next, found.entry, request)
  // The hold goes anyway.
  const alongside = (plan.alongside ?? []).filter(({ key }) => key !== holdKey)
  return [{ ...plan, alongside }]
}
