import { ApiError } from '../machinery/errors.ts'
import { discoveryTransforms, negotiate, parseAccept } from '../machinery/index.ts'
import type { ApiRequest, ApiServerDeps } from './api-server.ts'
import { acceptsGzip } from './compress.ts'
import type { Document } from './documents.ts'
import type { PathRequest } from './request-info.ts'
import { sendPageNotFound } from './respond.ts'

/** Paths outside of the resources: discovery, OpenAPI, version and health. GET and HEAD only. */
export async function serveDocument(
  request: ApiRequest,
  info: PathRequest,
  { documents }: ApiServerDeps,
): Promise<void> {
  const path = info.path.length > 1 ? info.path.replace(/\/+$/, '') : info.path
  const form = formOf(path, request.raw.headers.accept)
  const document = documents.find(path, form) ?? documents.find(path, '')
  if (document === undefined) return sendPageNotFound(request.reply)
  if (info.verb !== 'get' && info.verb !== 'head') {
    throw new ApiError(
      405,
      'MethodNotAllowed',
      'the server does not allow this method on the requested resource',
      {
        details: {},
      },
    )
  }
  sendDocument(request, document)
}

const openApiProtobuf = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf'

/** Which variant of a document the client asked for; '' is the plain one. */
function formOf(path: string, accept: string | undefined): string {
  if (path === '/api' || path === '/apis') {
    const wanted = negotiate(accept, { formats: ['json'], transforms: discoveryTransforms })
    return wanted.as === undefined ? '' : (wanted.version ?? '')
  }
  const wantsProtobuf =
    accept !== undefined && parseAccept(accept).some(({ type }) => type === openApiProtobuf)
  return path === '/openapi/v2' && wantsProtobuf ? 'protobuf' : ''
}

function sendDocument({ raw, reply, info }: ApiRequest, document: Document): void {
  const { body, contentType, etag } = document
  const isOpenApi = info.kind === 'path' && info.path.startsWith('/openapi/')
  const asked = raw.headers['if-none-match']
  reply.header('vary', 'Accept, Accept-Encoding').header('cache-control', 'no-cache, private')
  if (etag !== undefined) reply.header('etag', etag)
  if (isOpenApi) reply.header('accept-ranges', 'bytes')
  if (etag !== undefined && asked?.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag)) {
    reply.code(304).send()
    return
  }
  const range = isOpenApi ? parseRange(raw.headers.range, body.length) : undefined
  reply.header('content-type', contentType)
  if (range === undefined) {
    const zipped = acceptsGzip(raw.headers['accept-encoding']) ? document.gzipped() : undefined
    if (zipped !== undefined) reply.header('content-encoding', 'gzip')
    reply.code(200).send(zipped ?? body)
  } else {
    const { start, end } = range
    reply
      .code(206)
      .header('content-range', `bytes ${start}-${end}/${body.length}`)
      .send(body.subarray(start, end + 1))
  }
}

/** One range within the document (RFC 9110 §14.2); anything else is answered whole. */
function parseRange(header: string | undefined, size: number): { start: number; end: number } | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? []
  if (first === '' && last === '') return undefined
  const start = first === '' ? Math.max(size - Number(last), 0) : Number(first)
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1)
  return start <= end && start < size ? { start, end } : undefined
}
