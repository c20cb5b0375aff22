import type { OutgoingHttpHeaders } from 'node:http'
import { pipeline } from 'node:stream/promises'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { mediaTypes } from '../machinery/index.ts'
import type { JoinedPages } from '../resources/list-joined.ts'
import { acceptsGzip, compressFrom, createListGzip } from './compress.ts'
import type { ListForm } from './list-form.ts'
import { sendBody } from './respond.ts'

/**
 * Sends a list page by page, no faster than the client takes it: with its length where all of it is at hand, otherwise as it is read.
 * Where that breaks off, the connection does too: half a list must not look whole.
 */
export async function sendPages(
  request: FastifyRequest,
  reply: FastifyReply,
  form: ListForm,
  { metadata, pages }: JoinedPages,
): Promise<void> {
  const reading = piecesOf(form, metadata, pages)
  const known: Buffer[] = []
  let length = 0
  let isWhole = false
  // Short lists, in one piece; of longer ones the beginning, whose errors are answers still.
  while (!isWhole && length < compressFrom) {
    const piece = await reading.next()
    isWhole = piece.done === true
    if (piece.done === true) break
    known.push(piece.value)
    length += piece.value.length
  }
  if (isWhole) return sendBody(request, reply.code(200).headers(headers), Buffer.concat(known, length))
  const whole = isAtHand(pages) ? lengthOf(form, metadata, pages) : undefined
  await sendPieces(request, reply, rest(known, reading), whole)
}

async function sendPieces(
  request: FastifyRequest,
  reply: FastifyReply,
  pieces: AsyncIterable<Buffer>,
  length: number | undefined,
): Promise<void> {
  reply.hijack()
  const { raw } = reply
  const zipped = acceptsGzip(request.headers['accept-encoding'])
  raw.writeHead(200, {
    ...(reply.getHeaders() as OutgoingHttpHeaders),
    ...headers,
    ...(zipped ? { 'content-encoding': 'gzip', vary: 'Accept-Encoding' } : {}),
    ...(zipped || length === undefined ? {} : { 'content-length': length }),
  })
  try {
    await (zipped ? pipeline(pieces, createListGzip(), raw) : pipeline(pieces, raw))
  } catch (error) {
    if (!raw.destroyed || !isClientGone(error)) request.log.warn({ err: error }, 'a list broke off')
    raw.destroy()
  }
}

function isClientGone(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ERR_STREAM_PREMATURE_CLOSE'
}

const headers = { 'content-type': mediaTypes.json, 'cache-control': 'no-cache, private' }

const isAtHand = (pages: JoinedPages['pages']): pages is readonly Buffer[] => Array.isArray(pages)

function lengthOf(form: ListForm, metadata: JoinedPages['metadata'], pages: readonly Buffer[]): number {
  const items = pages.reduce((sum, page) => sum + page.length, 0)
  return Buffer.byteLength(form.head(metadata)) + items - form.separator.length + form.tail.length
}

async function* rest(known: readonly Buffer[], reading: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  yield* known
  yield* reading
}

/** Head, items, tail; of an empty list one piece, as JSON.stringify writes an empty array. */
async function* piecesOf(
  form: ListForm,
  metadata: JoinedPages['metadata'],
  pages: JoinedPages['pages'],
): AsyncGenerator<Buffer> {
  const head = form.head(metadata)
  let isEmpty = true
  for await (const page of pages) {
    if (isEmpty) yield Buffer.from(head)
    yield isEmpty ? page.subarray(form.separator.length) : page
    isEmpty = false
  }
  yield Buffer.from(isEmpty ? `${head.trimEnd()}${form.tail.trimStart()}` : form.tail)
}
