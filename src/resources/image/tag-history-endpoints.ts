import { tagEventPrefix, tagEvents } from '../../api/index.ts'
import { methodNotAllowed } from '../../machinery/errors.ts'
import { parseFieldSelector } from '../../machinery/index.ts'
import type { DeleteCollectionRequest, Endpoint } from '../endpoint.ts'
import { listObjects } from '../list-objects.ts'
import { systemSubject } from '../resources.ts'
import { createStoredEndpoint } from '../stored-endpoint.ts'
import type { ImageEndpointDeps } from './deps.ts'

/**
 * `tagevents`: read by who may read streams, written by nobody but the commits of streams. A list that names a stream, or a
 * stream and a tag, reads no other records; the records of a tag come newest first.
 */
export function createTagEventEndpoint(deps: ImageEndpointDeps): Endpoint {
  const stored = createStoredEndpoint(tagEvents, deps)
  return {
    kind: tagEvents,
    ...pick(stored, ['get', 'watch']),
    list: ({ namespace, options }) =>
      listObjects(tagEvents, namespace, options, deps, prefixOf(namespace, options.fieldSelector ?? '')),
    deleteCollection: onlySystem(stored),
  }
}

/** What all wanted names begin with; '' where that can't be told. */
function prefixOf(namespace: string, fieldSelector: string): string {
  if (namespace === '' || fieldSelector === '') return ''
  const fields = ['metadata.name', 'metadata.namespace', ...Object.keys(tagEvents.fieldSelectors)]
  const wanted = new Map(
    parseFieldSelector(fieldSelector, fields)
      .filter(({ operator }) => operator === '=')
      .map(({ field, value }) => [field, value]),
  )
  const stream = wanted.get('stream')
  return stream === undefined || stream === '' ? '' : tagEventPrefix(stream, wanted.get('tag'))
}

export function pick<K extends keyof Endpoint>(endpoint: Endpoint, keys: readonly K[]): Pick<Endpoint, K> {
  return Object.fromEntries(keys.map((key) => [key, endpoint[key]])) as Pick<Endpoint, K>
}

/** For who empties a project. */
export function onlySystem(stored: Endpoint) {
  return (request: DeleteCollectionRequest) => {
    if (request.caller.name !== systemSubject.name || stored.deleteCollection === undefined) {
      throw methodNotAllowed()
    }
    return stored.deleteCollection(request)
  }
}
