import { type Build, builds, type TagEventRecord } from '../../api/index.ts'
import { isApiError } from '../../machinery/errors.ts'
import type { ListMeta } from '../../machinery/object.ts'
import type { Session } from '../session.ts'
import { eventResource, readEvents, type TagName } from './history-api.ts'
import { listPages } from './list.ts'

/** How tags of a stream came to the images that they are, as far as the caller may see. */
export interface TagMoves {
  /** The newest record of each tag. */
  newest: ReadonlyMap<string, TagEventRecord>
  /** Names of the builds that pushed, by the digest of the image. */
  builds: ReadonlyMap<string, string>
}

/** Nothing where the server keeps no records or builds, or doesn't show them. */
export async function readMoves(session: Session, namespace: string, name: TagName): Promise<TagMoves> {
  const { resources } = await session.discovery.get()
  const serves = ({ group, plural }: { group: string; plural: string }) =>
    resources.some((each) => each.group === group && each.plural === plural)
  const rest = await session.rest()
  const records = serves(eventResource)
    ? await unlessHidden(() => readEvents(rest, namespace, name, name.tag === undefined ? 0 : 1))
    : []
  const newest = new Map<string, TagEventRecord>()
  for (const record of records) if (!newest.has(record.tag)) newest.set(record.tag, record)
  const isPushed = [...newest.values()].some(({ cause }) => cause === 'push')
  const made = new Map<string, string>()
  if (isPushed && serves(builds)) {
    const all = await unlessHidden(async () => {
      const found: Build[] = []
      const pages = listPages<{ metadata?: ListMeta; items?: Build[] }>(rest, builds, namespace, {
        limit: 500,
      })
      for await (const { items } of pages) found.push(...(items ?? []))
      return found
    })
    for (const { metadata, status } of all) {
      const digest = status?.output?.to?.imageDigest
      if (digest !== undefined) made.set(digest, metadata.name ?? '')
    }
  }
  return { newest, builds: made }
}

async function unlessHidden<T>(read: () => Promise<T[]>): Promise<T[]> {
  try {
    return await read()
  } catch (error) {
    if (isApiError(error) && (error.code === 403 || error.code === 404)) return []
    throw error
  }
}
