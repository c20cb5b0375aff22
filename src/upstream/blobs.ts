import type { Digest } from '../oci/digest.ts'
import { abandon, checkEncoding, contentLength, oneHeader, skipBody, verifiedStream } from './body.ts'
import { UpstreamError } from './errors.ts'
import type { Reply, Session } from './session.ts'
import type { Repository } from './target.ts'
import { blobPath, checkedDigest } from './target.ts'
import type { BlobAnswer, BlobOptions, BlobStat, RequestOptions } from './upstream.ts'

export interface Range {
  start: number
  end: number
}

export async function statBlob(
  session: Session,
  repository: Repository,
  digest: Digest,
  options: RequestOptions,
): Promise<BlobStat> {
  const path = blobPath(repository.name, digest)
  return session.document(repository, { method: 'HEAD', path }, options, async (reply) => {
    skipBody(reply.body, {})
    return statOf(reply, digest, contentLength(reply.headers))
  })
}

function statOf(reply: Reply, digest: Digest, size: number | undefined): BlobStat {
  return { digest, size, contentType: oneHeader(reply.headers, 'content-type') ?? 'application/octet-stream' }
}

/** Streams; verified as {@link verifiedStream} says. A registry that knows no ranges sends all: look at `range`. */
export async function fetchBlob(
  session: Session,
  repository: Repository,
  digest: Digest,
  options: BlobOptions,
): Promise<BlobAnswer> {
  const path = blobPath(repository.name, digest)
  const { range, isHashedByCaller = false } = options
  const headers: Record<string, string> =
    range === undefined ? {} : { range: `bytes=${range.start}-${range.end}` }
  return session.stream(repository, { method: 'GET', path, headers }, options, (reply, done) => {
    try {
      const answer = openBlob(session, reply, checkedDigest(digest), range, isHashedByCaller)
      answer.stream.once('close', done)
      return answer
    } catch (error) {
      abandon(reply.body)
      throw error
    }
  })
}

function openBlob(
  session: Session,
  reply: Reply,
  digest: Digest,
  range: Range | undefined,
  isHashedByCaller: boolean,
): BlobAnswer {
  const { clock, limits } = session
  checkEncoding(reply.headers)
  if (reply.status === 200) {
    const size = contentLength(reply.headers)
    const expected = { size, digest: isHashedByCaller ? undefined : digest }
    const stream = verifiedStream(reply.body, expected, clock, limits)
    return { ...statOf(reply, digest, size), stream }
  }
  if (reply.status !== 206 || range === undefined) {
    throw new UpstreamError(
      'bad-answer',
      `received unexpected HTTP status: ${reply.status} ${reply.statusText}`,
      {
        status: reply.status,
      },
    )
  }
  const part = readContentRange(reply, range)
  const size = part.end - part.start + 1
  const stream = verifiedStream(reply.body, { size, digest: undefined }, clock, limits)
  return { ...statOf(reply, digest, part.total), range: { start: part.start, end: part.end }, stream }
}

/** The part must start where asked and not go beyond; it may be shorter, at the blob's end. */
function readContentRange(reply: Reply, asked: Range): Range & { total: number } {
  const text = oneHeader(reply.headers, 'content-range') ?? ''
  const match = /^bytes (\d{1,16})-(\d{1,16})\/(\d{1,16})$/.exec(text)
  const [start, end, total] = (match ?? []).slice(1).map(Number)
  const isGood =
    start !== undefined && end !== undefined && total !== undefined && start === asked.start && end >= start
  if (!isGood || end > asked.end || end >= total) {
    throw new UpstreamError('bad-answer', 'the registry sent another range than asked for')
  }
  return { start, end, total }
}

export async function readWholeBlob(
  session: Session,
  repository: Repository,
  digest: Digest,
  options: RequestOptions & { limit?: number },
): Promise<Buffer> {
  const limit = options.limit ?? session.limits.configBytes
  const path = blobPath(repository.name, digest)
  return session.document(repository, { method: 'GET', path }, options, async (reply) => {
    if (reply.status !== 200) {
      abandon(reply.body)
      throw new UpstreamError(
        'bad-answer',
        `received unexpected HTTP status: ${reply.status} ${reply.statusText}`,
        {
          status: reply.status,
        },
      )
    }
    checkEncoding(reply.headers)
    const size = contentLength(reply.headers)
    const tooLarge = new UpstreamError('too-large', `the blob is larger than ${limit} bytes`)
    if (size !== undefined && size > limit) {
      abandon(reply.body)
      throw tooLarge
    }
    return collect(
      verifiedStream(reply.body, { size, digest }, session.clock, session.limits),
      limit,
      tooLarge,
    )
  })
}

async function collect(
  stream: AsyncIterable<Buffer>,
  limit: number,
  tooLarge: UpstreamError,
): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stream) {
    size += chunk.length
    if (size > limit) throw tooLarge
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
