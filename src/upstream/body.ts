import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import type { Digest } from '../oci/digest.ts'
import { digestAlgorithm } from '../oci/digest.ts'
import type { Clock } from './environment.ts'
import { UpstreamError } from './errors.ts'
import type { Limits } from './limits.ts'
import { toTransportError } from './transport-error.ts'

type Headers = Readonly<Record<string, string | string[] | undefined>>

/** The header's only value; undefined when absent or repeated with different values. */
export function oneHeader(headers: Headers, name: string): string | undefined {
  const value = headers[name]
  if (!Array.isArray(value)) return value
  return new Set(value).size === 1 ? value[0] : undefined
}

/** Bytes that the headers announce; undefined when they don't. */
export function contentLength(headers: Headers): number | undefined {
  const text = oneHeader(headers, 'content-length') ?? ''
  const length = /^\d{1,16}$/.test(text) ? Number(text) : undefined
  return length !== undefined && Number.isSafeInteger(length) ? length : undefined
}

/** Compressed bodies were not asked for, and are not unpacked (threat 8). */
export function checkEncoding(headers: Headers): void {
  const encoding = (oneHeader(headers, 'content-encoding') ?? '').trim().toLowerCase()
  if (headers['content-encoding'] === undefined || encoding === '' || encoding === 'identity') return
  throw new UpstreamError('bad-answer', 'the body is compressed, which was not asked for')
}

/** The whole body; UpstreamError `too-large`, with the connection dropped, once it has more than `limit` bytes. */
export async function readBody(
  body: Readable,
  headers: Headers,
  limit: number,
  what: string,
): Promise<Buffer> {
  const announced = contentLength(headers)
  if (announced !== undefined && announced > limit) {
    abandon(body)
    throw tooLarge(what, limit)
  }
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of body) {
      size += (chunk as Buffer).length
      if (size > limit) throw tooLarge(what, limit)
      chunks.push(chunk as Buffer)
    }
  } catch (error) {
    abandon(body)
    throw toTransportError(error)
  }
  return Buffer.concat(chunks)
}

/** Drops what is left of a body that nobody reads, and its connection. */
export function abandon(body: Readable): void {
  body.on('error', () => undefined)
  body.destroy()
}

const smallBody = 16 * 1024

/** Like {@link abandon}, but keeps the connection when little is left to read. */
export function skipBody(body: Readable, headers: Headers): void {
  const length = contentLength(headers)
  if (length === undefined || length > smallBody) {
    abandon(body)
    return
  }
  body.on('error', () => undefined)
  body.resume()
}

function tooLarge(what: string, limit: number): UpstreamError {
  return new UpstreamError('too-large', `${what} is larger than ${limit} bytes`)
}

export interface Expected {
  /** Bytes. */
  size: number | undefined
  /** undefined for a part, which can't be verified by itself, and where the reader verifies. */
  digest: Digest | undefined
}

/**
 * The body as a stream that ends cleanly only if it has the size and the digest that are expected, and fails otherwise:
 * a reader who sees the end has seen the right bytes.
 */
export function verifiedStream(body: Readable, expected: Expected, clock: Clock, limits: Limits): Readable {
  const stream = Readable.from(verify(body, expected, clock, limits), { objectMode: false })
  // A generator that was never started runs no `finally`.
  stream.once('close', () => abandon(body))
  return stream
}

const rateGrace = 60_000

async function* verify(
  body: Readable,
  expected: Expected,
  clock: Clock,
  limits: Limits,
): AsyncGenerator<Buffer> {
  const hash = expected.digest === undefined ? undefined : createHash(digestAlgorithm(expected.digest))
  const startedAt = clock.now()
  let waited = 0
  let size = 0
  try {
    let askedAt = startedAt
    for await (const chunk of body as AsyncIterable<Buffer>) {
      // Only the upstream's time counts, not the reader's.
      waited += clock.now() - askedAt
      size += chunk.length
      if (expected.size !== undefined && size > expected.size) throw wrongSize(expected.size, 'more')
      if (waited > rateGrace && size < (waited / 1000) * limits.minimumRate) {
        throw new UpstreamError('timeout', 'the body comes too slowly', { temporary: true })
      }
      hash?.update(chunk)
      yield chunk
      askedAt = clock.now()
    }
    if (expected.size !== undefined && size < expected.size) throw wrongSize(expected.size, 'fewer')
    checkDigest(expected.digest, hash?.digest('hex'))
  } catch (error) {
    throw toTransportError(error)
  } finally {
    abandon(body)
  }
}

function wrongSize(expected: number, what: 'more' | 'fewer'): UpstreamError {
  return new UpstreamError('digest', `the blob has ${what} than the ${expected} bytes announced`, {
    temporary: what === 'fewer',
  })
}

function checkDigest(expected: Digest | undefined, hex: string | undefined): void {
  if (expected === undefined || hex === undefined) return
  const actual = `${digestAlgorithm(expected)}:${hex}`
  if (actual !== expected) throw contentIntegrity('blob', expected, actual)
}

/** import.md §3.4. */
export function contentIntegrity(what: string, asked: string, actual: string): UpstreamError {
  return new UpstreamError(
    'digest',
    `content integrity error: the ${what} retrieved with digest ${asked} does not match the digest calculated from the content ${actual}`,
  )
}
