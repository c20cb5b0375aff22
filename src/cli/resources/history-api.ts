import type { TagEventRecord, TagHold } from '../../api/index.ts'
import { type ApiResource, type Rest, resourcePath } from '../../client/index.ts'
import { isApiError } from '../../machinery/errors.ts'
import type { ListMeta } from '../../machinery/object.ts'
import { CliError } from '../errors.ts'
import type { Session } from '../session.ts'
import { listPages } from './list.ts'

/** What tags were, and what holds them: the kinds of weir.dev. */

function weirResource(plural: string, kind: string): ApiResource {
  return {
    group: 'weir.dev',
    version: 'v1',
    plural,
    singular: kind.toLowerCase(),
    shortNames: [],
    kind,
    namespaced: true,
    verbs: [],
    categories: [],
  }
}

export const eventResource = weirResource('tagevents', 'TagEvent')
export const holdResource = weirResource('tagholds', 'TagHold')
export const rollbackResource = weirResource('tagrollbacks', 'TagRollback')

export interface TagName {
  stream: string
  /** undefined: all tags of the stream. */
  tag: string | undefined
}

/** `<stream>` or `<stream>:<tag>`. */
export function parseTagArgument(text: string): TagName {
  const [stream = '', tag, ...more] = text.split(':')
  if (stream === '' || tag === '' || more.length > 0 || text.includes('@')) {
    throw new CliError(`${JSON.stringify(text)} must be of the form <stream_name>:<tag>`)
  }
  return { stream, tag }
}

/** As {@link parseTagArgument}, where a tag is needed. */
export function requireTagArgument(args: readonly string[], path: string): string {
  const [name, ...more] = args
  if (name === undefined || more.length > 0) {
    throw new CliError(`name one tag, e.g. ${path} app:v1`)
  }
  if (parseTagArgument(name).tag === undefined) {
    throw new CliError(`${JSON.stringify(name)} must be of the form <stream_name>:<tag>`)
  }
  return name
}

/** Newest first; at most `limit`, all for 0. */
export async function readEvents(
  rest: Rest,
  namespace: string,
  { stream, tag }: TagName,
  limit: number,
): Promise<TagEventRecord[]> {
  const read = async (fieldSelector: string, most: number) => {
    const found: TagEventRecord[] = []
    const pages = listPages<{ metadata?: ListMeta; items?: TagEventRecord[] }>(
      rest,
      eventResource,
      namespace,
      {
        fieldSelector,
        limit: most === 0 ? 500 : Math.min(most, 500),
      },
    )
    for await (const { items } of pages) {
      found.push(...(items ?? []))
      if (most > 0 && found.length >= most) break
    }
    return found
  }
  // Only within a tag are the newest the first; the end of the stream is a record of its own.
  const all =
    tag === undefined
      ? await read(`stream=${stream}`, 0)
      : (await Promise.all([tag, ''].map((name) => read(`stream=${stream},tag=${name}`, limit)))).flat()
  all.sort((a, b) => (a.time === b.time ? 0 : a.time < b.time ? 1 : -1))
  return limit === 0 ? all : all.slice(0, limit)
}

/** Of a stream; none where the server knows no holds or doesn't show them. */
export async function readHolds(session: Session, namespace: string, stream: string): Promise<TagHold[]> {
  const { resources } = await session.discovery.get()
  if (
    !resources.some(({ group, plural }) => group === holdResource.group && plural === holdResource.plural)
  ) {
    return []
  }
  try {
    const rest = await session.rest()
    const path = resourcePath(holdResource, namespace)
    const query = { fieldSelector: `stream=${stream}` }
    return (await rest.json<{ items?: TagHold[] }>({ method: 'GET', path, query })).items ?? []
  } catch (error) {
    if (isApiError(error) && (error.code === 403 || error.code === 404)) return []
    throw error
  }
}
