import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ApiError } from '../machinery/errors.ts'
import {
  encodeProtobuf,
  formatYaml,
  mediaTypes,
  type Negotiated,
  negotiate,
  objectTransforms,
} from '../machinery/index.ts'
import { acceptsGzip, compressFrom, gzipBody } from './compress.ts'

const json = { format: 'json', contentType: mediaTypes.json } as const

/** Sends what is ready for the wire, in the form that was negotiated. */
export function sendObject(
  request: FastifyRequest,
  reply: FastifyReply,
  code: number,
  body: object,
  wanted: Pick<Negotiated, 'format' | 'contentType'> = json,
): void {
  // Kinds without a protobuf form of ours are sent as JSON, which every client that asks for protobuf also takes.
  const binary = wanted.format === 'protobuf' ? encodeProtobuf(body) : undefined
  const text = wanted.format === 'yaml' ? formatYaml(body) : formatJson(request, body)
  const type = wanted.format === 'protobuf' && binary === undefined ? json.contentType : wanted.contentType
  const bytes = binary === undefined ? text : Buffer.from(binary)
  reply.code(code).header('content-type', type).header('cache-control', 'no-cache, private')
  sendBody(request, reply, bytes)
}

/** Compressed where that is asked for and pays. As bytes, for to text Fastify adds a charset that JSON has not. */
export function sendBody(request: FastifyRequest, reply: FastifyReply, body: string | Buffer): void {
  if (body.length < compressFrom || !acceptsGzip(request.headers['accept-encoding'])) {
    reply.send(typeof body === 'string' ? Buffer.from(body) : body)
  } else reply.header('content-encoding', 'gzip').header('vary', 'Accept-Encoding').send(gzipBody(body))
}

/** Sends bytes that are the JSON of the answer. */
export function sendJson(request: FastifyRequest, reply: FastifyReply, body: Buffer): void {
  reply.code(200).header('content-type', json.contentType).header('cache-control', 'no-cache, private')
  sendBody(request, reply, Buffer.concat([body, lineEnd]))
}

/** JSON in one line ends that line, as Go's encoder writes it. */
const lineEnd = Buffer.from('\n')

/** Whether the answer is the object itself, in JSON without white space: what may be ready beforehand. */
export function isPlainJson(request: FastifyRequest, wanted: Negotiated): boolean {
  return wanted.as === undefined && wanted.format === 'json' && !isPretty(request)
}

/** Paths that are nothing at all, outside of every group (image-api.md §1). */
export function sendPageNotFound(reply: FastifyReply): void {
  reply
    .code(404)
    .header('content-type', 'text/plain; charset=utf-8')
    .header('x-content-type-options', 'nosniff')
    .send('404 page not found\n')
}

/** People at a terminal get indented JSON, as the real server gives curl and browsers. */
export function isPretty(request: FastifyRequest): boolean {
  const agent = request.headers['user-agent'] ?? ''
  const asked = /[?&]pretty=(true|1)\b/.test(request.url)
  return asked || (/^(curl|Wget|Mozilla)\b/.test(agent) && !/[?&]pretty=(false|0)\b/.test(request.url))
}

function formatJson(request: FastifyRequest, body: object): string {
  return isPretty(request) ? JSON.stringify(body, undefined, 2) : `${JSON.stringify(body)}\n`
}

/** The `Status` of an error; warnings that were due before it are dropped with the write. */
export function sendError(error: ApiError, request: FastifyRequest, reply: FastifyReply): void {
  if (reply.sent || reply.raw.headersSent) return
  if (error.code === 403) reply.header('x-content-type-options', 'nosniff')
  if (error.details?.retryAfterSeconds !== undefined) {
    reply.header('retry-after', String(error.details.retryAfterSeconds))
  }
  sendObject(request, reply, error.code, error.toStatus(), formOfError(request.headers.accept))
}

/** An error comes in the form that was asked for, JSON where that is none: it has to be readable. */
function formOfError(accept: string | undefined): Pick<Negotiated, 'format' | 'contentType'> {
  if (!accept?.includes('yaml')) return json
  try {
    const { format, contentType } = negotiate(accept, { transforms: objectTransforms })
    return format === 'yaml' ? { format, contentType } : json
  } catch {
    return json
  }
}

/** `Warning: 299 - "text"` (RFC 9111 §5.5), one header each, after those that are there already. */
export function addWarnings(reply: FastifyReply, warnings: readonly string[]): void {
  if (warnings.length === 0) return
  const before = reply.getHeader('warning')
  const lines = warnings.map(
    (text) => `299 - "${text.replace(/[\\"]/g, '\\$&').replace(/[^\x20-\x7e]/g, '?')}"`,
  )
  reply.header('warning', [...(Array.isArray(before) ? before : []), ...lines])
}
