import type { OutgoingHttpHeaders } from 'node:http'
import type { Writable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { giveBack, mediaTypes } from '../machinery/index.ts'
import type { JoinedPage, JoinedPages } from '../resources/list-joined.ts'
import { acceptsGzip, compressFrom, createZipFrame, type ZippedPiece, zipPiece } from './compress.ts'
import type { ListForm } from './list-form.ts'
import { sendBody } from './respond.ts'

interface Piece extends JoinedPage {
  /** That it is of, or all of, when it is one that others will be sent too. */
  page?: Buffer
}

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
  const known: Piece[] = []
  let length = 0
  let isWhole = false
  // Short lists, in one piece; of longer ones the beginning, whose errors are answers still.
  while (!isWhole && length < compressFrom) {
    const piece = await reading.next()
    isWhole = piece.done === true
    if (piece.done === true) break
    known.push(piece.value)
    length += piece.value.json.length
  }
  if (isWhole) {
    const pieces = known.map(({ json }) => json)
    return sendBody(request, reply.code(200).headers(headers), Buffer.concat(pieces, length))
  }
  const whole = isAtHand(pages) ? lengthOf(form, metadata, pages) : undefined
  await sendPieces(request, reply, rest(known, reading), whole)
}

async function sendPieces(
  request: FastifyRequest,
  reply: FastifyReply,
  pieces: AsyncIterable<Piece>,
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
    await (zipped ? writeZipped(pieces, raw) : writeEach(pieces, raw))
  } catch (error) {
    if (!raw.destroyed || !isClientGone(error)) request.log.warn({ err: error }, 'a list broke off')
    raw.destroy()
  }
}

/** Pieces are sent together up to so many bytes: compressed, each is small. */
const sentTogether = 64 << 10

async function writeZipped(pieces: AsyncIterable<Piece>, to: Writable): Promise<void> {
  const frame = createZipFrame()
  let waiting: Uint8Array[] = [frame.head]
  let size = frame.head.length
  for await (const piece of pieces) {
    const zipped = await zippedOf(piece)
    if (piece.isOwn) giveBack(piece.json)
    frame.add(zipped)
    waiting.push(zipped.bytes)
    size += zipped.bytes.length
    if (size < sentTogether) continue
    await written(to, Buffer.concat(waiting, size))
    waiting = []
    size = 0
  }
  to.end(Buffer.concat([...waiting, frame.end()]))
}

/** Of pages that are kept, compressed; of those that begin a list, without what separates them from others. They take a tenth as much. */
const zippedPages = {
  all: new WeakMap<Buffer, Promise<ZippedPiece>>(),
  first: new WeakMap<Buffer, Promise<ZippedPiece>>(),
}

function zippedOf({ json, page }: Piece): Promise<ZippedPiece> {
  if (page === undefined) return zipPiece(json)
  const known = json === page ? zippedPages.all : zippedPages.first
  const before = known.get(page)
  if (before !== undefined) return before
  const zipped = zipPiece(json)
  known.set(page, zipped)
  return zipped
}

/** Each when the one before is on its way and its memory given back, so that a list of any length needs no more than a page's. */
async function writeEach(pieces: AsyncIterable<Piece>, to: Writable): Promise<void> {
  for await (const { json, isOwn } of pieces) {
    await written(to, json)
    if (isOwn) giveBack(json)
  }
  to.end()
}

function written(to: Writable, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = () => reject(Object.assign(new Error('the client has gone'), { code: clientGone }))
    to.once('close', fail)
    to.write(bytes, (error) => {
      to.off('close', fail)
      if (error === null || error === undefined) resolve()
      else fail()
    })
  })
}

const clientGone = 'ERR_STREAM_PREMATURE_CLOSE'

function isClientGone(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === clientGone
}

const headers = { 'content-type': mediaTypes.json, 'cache-control': 'no-cache, private' }

const isAtHand = (pages: JoinedPages['pages']): pages is readonly JoinedPage[] => Array.isArray(pages)

function lengthOf(form: ListForm, metadata: JoinedPages['metadata'], pages: readonly JoinedPage[]): number {
  const items = pages.reduce((sum, { json }) => sum + json.length, 0)
  return Buffer.byteLength(form.head(metadata)) + items - form.separator.length + form.tail.length
}

async function* rest(known: readonly Piece[], reading: AsyncGenerator<Piece>): AsyncGenerator<Piece> {
  yield* known
  yield* reading
}

/** Head, items, tail; of an empty list one piece, as JSON.stringify writes an empty array. */
async function* piecesOf(
  form: ListForm,
  metadata: JoinedPages['metadata'],
  pages: JoinedPages['pages'],
): AsyncGenerator<Piece> {
  const head = form.head(metadata)
  let isEmpty = true
  for await (const { json, isOwn } of pages) {
    if (isEmpty) yield textPiece(head)
    const piece = { json: isEmpty ? json.subarray(form.separator.length) : json, isOwn }
    yield isOwn ? piece : { ...piece, page: json }
    isEmpty = false
  }
  yield textPiece(isEmpty ? `${head.trimEnd()}${form.tail.trimStart()}` : form.tail)
}

const textPiece = (text: string): Piece => ({ json: Buffer.from(text), isOwn: false })
