import { type Event, events } from '../../api/index.ts'
import { resourcePath } from '../../client/index.ts'
import { triggerFailed } from '../../image/index.ts'
import { isApiError } from '../../machinery/errors.ts'
import type { CommandContext } from '../command.ts'
import { ageOf, longAge } from '../print/age.ts'
import type { SelectedObject } from './select-objects.ts'

/** Why what is due has not been done yet, by the Events about the object; the newest first. */
export async function failedTries(
  { session, io }: CommandContext,
  { resource, object, namespace }: SelectedObject,
): Promise<string[]> {
  const about = { 'involvedObject.kind': resource.kind, 'involvedObject.uid': object.metadata.uid ?? '' }
  const wanted = Object.entries({ ...about, reason: triggerFailed }).map((pair) => pair.join('='))
  try {
    const path = resourcePath(events, namespace)
    const query = { fieldSelector: wanted.join(',') }
    const rest = await session.rest()
    const { items = [] } = await rest.json<{ items?: Event[] }>({ method: 'GET', path, query })
    const newest = items.toSorted((a, b) => ((a.lastTimestamp ?? '') < (b.lastTimestamp ?? '') ? 1 : -1))
    return newest.map(
      ({ lastTimestamp, message }) =>
        `a try failed ${longAge(ageOf(lastTimestamp, io.now())).toLowerCase()} ago: ${message}`,
    )
  } catch (error) {
    if (isApiError(error) && (error.code === 403 || error.code === 404)) return []
    throw error
  }
}
