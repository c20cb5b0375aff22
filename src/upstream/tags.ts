import { parseTagName } from '../oci/tag-name.ts'
import { checkEncoding, readBody } from './body.ts'
import { UpstreamError } from './errors.ts'
import { nextPage } from './links.ts'
import type { Reply, Session } from './session.ts'
import type { Repository } from './target.ts'
import { tagsPath } from './target.ts'
import type { RequestOptions } from './upstream.ts'

interface Page {
  tags: string[]
  next: URL | undefined
}

/** Follows `Link` to the end of the list, within bounds of pages, bytes and tags (threat 7). */
export async function listTags(
  session: Session,
  repository: Repository,
  options: RequestOptions,
): Promise<string[]> {
  const { tagPages, tags: mostTags } = session.limits
  const found = new Set<string>()
  const asked = new Set<string>()
  let path = tagsPath(repository.name)
  for (let page = 0; page < tagPages; page++) {
    asked.add(path)
    const { tags, next } = await session.document(repository, { method: 'GET', path }, options, (reply) =>
      readPage(session, reply, path),
    )
    for (const tag of tags) if (tag === '' || parseTagName(tag) !== undefined) found.add(tag)
    if (found.size > mostTags)
      throw new UpstreamError('too-large', `the repository has more than ${mostTags} tags`)
    if (next === undefined) return [...found]
    path = `${next.pathname}${next.search}`
    if (asked.has(path)) throw new UpstreamError('bad-answer', 'the pages of the tag list form a loop')
  }
  throw new UpstreamError('too-large', `the tag list has more than ${tagPages} pages`)
}

async function readPage(session: Session, reply: Reply, path: string): Promise<Page> {
  checkEncoding(reply.headers)
  const bytes = await readBody(reply.body, reply.headers, session.limits.tagPageBytes, 'the tag list')
  const next = nextPage(reply.headers.link, new URL(path, reply.url))
  return { tags: readTags(bytes), next }
}

function readTags(bytes: Buffer): string[] {
  let body: unknown
  try {
    body = JSON.parse(bytes.toString('utf8'))
  } catch {
    throw new UpstreamError('bad-answer', 'the tag list is not JSON')
  }
  const tags: unknown =
    typeof body === 'object' && body !== null ? (body as { tags?: unknown }).tags : undefined
  // A repository without tags answers null.
  if (tags === undefined || tags === null) return []
  if (!Array.isArray(tags)) throw new UpstreamError('bad-answer', 'the tag list is not a list')
  return tags.filter((tag) => typeof tag === 'string')
}
