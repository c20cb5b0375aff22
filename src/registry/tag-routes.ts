import { parseDigest } from '../oci/index.ts'
import { type Answer, jsonAnswer } from './answer.ts'
import type { Call } from './call.ts'
import { registryError } from './errors.ts'
import { firstAfter, nextLink, parsePage } from './pagination.ts'
import type { StreamReader, StreamView } from './stream-reader.ts'

const sortedTags = new WeakMap<StreamView, readonly string[]>()

/** Tags whose newest item names an image, in byte order; sorted once per state of the stream. */
export function listableTags(stream: StreamView): readonly string[] {
  const known = sortedTags.get(stream)
  if (known !== undefined) return known
  const tags = [...stream.tags]
    .filter(([, items]) => parseDigest(items[0]?.image ?? '') !== undefined)
    .map(([tag]) => tag)
    .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  sortedTags.set(stream, tags)
  return tags
}

/** end-8. */
export async function listTags(call: Call): Promise<Answer> {
  const { name } = call.repository
  const { n, last } = parsePage(call.query)
  const stream = await call.stream()
  if (stream === undefined) throw registryError('NAME_UNKNOWN', { detail: { name } })
  const all = listableTags(stream)
  const start = last === '' ? 0 : firstAfter(all, last)
  const tags = all.slice(start, n === undefined ? undefined : start + n)
  const isMore = n !== undefined && n > 0 && start + tags.length < all.length
  const link = nextLink(`/v2/${name}/tags/list`, [
    ['last', tags.at(-1) ?? ''],
    ['n', String(n)],
  ])
  return jsonAnswer(200, { name, tags }, isMore ? { Link: link } : {})
}

const defaultCatalogPage = 100

/** */
export async function listCatalog(
  reader: StreamReader,
  query: URLSearchParams,
  ceiling: number,
): Promise<Answer> {
  const { n = defaultCatalogPage, last } = parsePage(query, ceiling)
  if (n === 0) return jsonAnswer(200, { repositories: [] })
  const names = await reader.names({ after: last, limit: n + 1 })
  const repositories = names.slice(0, n)
  const link = nextLink('/v2/_catalog', [
    ['last', repositories.at(-1) ?? ''],
    ['n', String(n)],
  ])
  return jsonAnswer(200, { repositories }, names.length > n ? { Link: link } : {})
}
