import type { BlobStore, ByteRange } from '../blobs/index.ts'
import { type Digest, parseDigest } from '../oci/index.ts'
import { ageHeader } from './age.ts'
import type { Answer } from './answer.ts'
import { emptyAnswer } from './answer.ts'
import type { BlobAccess } from './blob-access.ts'
import type { BlobKnowledge } from './blob-knowledge.ts'
import { absoluteUrl, type Call } from './call.ts'
import { registryError } from './errors.ts'
import type { PulledBlob, PullThrough } from './pull-through.ts'
import { matchesEtag, parseRange } from './range.ts'
import type { RepositoryRecords } from './repository-records.ts'

export interface BlobRoutesOptions {
  access: BlobAccess
  blobs: Pick<BlobStore, 'open' | 'read'>
  records: Pick<RepositoryRecords, 'blobLink' | 'unlinkBlob'>
  knowledge: BlobKnowledge
  pullThrough: PullThrough | undefined
  deleteEnabled: boolean
  clock(): Date
}

export interface BlobRoutes {
  /** end-2. */
  get(call: Call, digest: string): Promise<Answer>
  /** end-10. */
  remove(call: Call, digest: string): Promise<Answer>
}

/** Blobs up to this size go out in one piece: a config costs one write, not a stream. */
const wholeBytes = 128 << 10

function parseBlobDigest(text: string): Digest {
  const digest = parseDigest(text)
  if (digest === undefined) throw registryError('DIGEST_INVALID', { detail: {} })
  return digest
}

export const blobUnknown = (digest: Digest) => registryError('BLOB_UNKNOWN', { detail: digest })

export function blobHeaders(digest: Digest, contentType: string): Record<string, string> {
  return {
    'Accept-Ranges': 'bytes',
    'Cache-Control': 'max-age=31536000',
    'Content-Type': contentType,
    'Docker-Content-Digest': digest,
    ETag: `"${digest}"`,
  }
}

/** Status and headers for a blob of that size; the range to send, all of it when absent. */
function planBlobAnswer(
  call: Call,
  digest: Digest,
  size: number,
): { status: number; headers: Record<string, string>; range?: ByteRange } {
  const headers = blobHeaders(digest, 'application/octet-stream')
  const { range: rangeHeader, 'if-none-match': ifNoneMatch, 'if-range': ifRange } = call.request.headers
  if (matchesEtag(ifNoneMatch, digest)) return { status: 304, headers }
  const isCurrent = ifRange === undefined || matchesEtag(String(ifRange), digest)
  const asked = parseRange(isCurrent ? rangeHeader : undefined, size)
  switch (asked.kind) {
    case 'all':
      return { status: 200, headers: { ...headers, 'Content-Length': String(size) } }
    case 'unsatisfiable':
      throw registryError('RANGE_INVALID', { headers: { 'Content-Range': `bytes */${size}` } })
    case 'part': {
      const { start, end } = asked.range
      const part = {
        'Content-Range': `bytes ${start}-${end}/${size}`,
        'Content-Length': String(end - start + 1),
      }
      return { status: 206, headers: { ...headers, ...part }, range: asked.range }
    }
  }
}

export function createBlobRoutes(options: BlobRoutesOptions): BlobRoutes {
  const { access, blobs, records, knowledge, pullThrough, deleteEnabled, clock } = options

  async function serve(call: Call, digest: Digest, size: number): Promise<Answer> {
    const { status, headers: planned, range } = planBlobAnswer(call, digest, size)
    const headers = { ...planned, ...ageHeader(knowledge.pulledAt(call.repository.name, digest), clock()) }
    if (call.method === 'HEAD' || status === 304) return { status, headers }
    if (size === 0) return { status, headers, body: new Uint8Array(0) }
    if (range === undefined && size <= wholeBytes) {
      const body = await blobs.read(digest, wholeBytes)
      if (body !== undefined) return { status, headers, body }
    } else {
      const opened = await blobs.open(digest, range)
      if (opened !== undefined) return { status, headers, body: opened }
    }
    knowledge.forgetDigest(digest)
    throw blobUnknown(digest)
  }

  /** B-55 ff. */
  async function pullThroughTo(call: Call, digest: Digest): Promise<Answer> {
    const stream = pullThrough === undefined ? undefined : await call.stream()
    if (pullThrough === undefined || stream === undefined) throw blobUnknown(digest)
    const asking = {
      stream,
      digest,
      headers: call.request.headers,
      url: absoluteUrl(call),
      signal: call.signal,
    }
    const isHead = call.method === 'HEAD'
    const known = await pullThrough.blob(asking, isHead || needsSize(call) ? 'size' : 'all')
    if (known === undefined) throw blobUnknown(digest)
    if (known.body !== undefined) return pulledAnswer(digest, known)
    const { status, headers, range } = planBlobAnswer(call, digest, known.size)
    if (isHead || status === 304)
      return { status, headers: { ...headers, 'Content-Type': known.contentType } }
    const pulled = await pullThrough.blob(asking, range ?? 'all')
    if (pulled?.body === undefined) throw blobUnknown(digest)
    return pulledAnswer(digest, pulled)
  }

  return {
    async get(call, text) {
      const digest = parseBlobDigest(text)
      const size = await access.locate(call.repository, digest, call.stream)
      return size === undefined ? pullThroughTo(call, digest) : serve(call, digest, size)
    },

    async remove(call, text) {
      const digest = parseBlobDigest(text)
      if (!deleteEnabled) throw registryError('UNSUPPORTED')
      // Pruners ask for links of imported images too, which have none: that costs no more than a look.
      if ((await records.blobLink(call.repository.name, digest)) === undefined) {
        knowledge.forget(call.repository.name, digest)
        throw blobUnknown(digest)
      }
      // A pruner takes links before it changes the stream: broken off in between, the stream must still serve it (P-60).
      const stream = await call.stream()
      const keepsProof = stream !== undefined && (await access.isVouchedFor(digest, stream))
      const wasLinked = await records.unlinkBlob(call.repository.name, digest, { keepsProof })
      knowledge.forget(call.repository.name, digest)
      if (!wasLinked) throw blobUnknown(digest)
      return emptyAnswer(202)
    },
  }
}

/** Whether the size decides about the answer before any byte is fetched. */
function needsSize(call: Call): boolean {
  const { headers } = call.request
  return headers.range !== undefined || headers['if-none-match'] !== undefined
}

function pulledAnswer(digest: Digest, pulled: PulledBlob): Answer {
  const { size, contentType, body, range } = pulled
  const length = range === undefined ? size : range.end - range.start + 1
  return {
    status: range === undefined ? 200 : 206,
    headers: {
      ...blobHeaders(digest, contentType),
      ...(range === undefined ? {} : { 'Content-Range': `bytes ${range.start}-${range.end}/${size}` }),
      'Content-Length': String(length),
    },
    ...(body === undefined ? {} : { body }),
  }
}
