import type { OutgoingHttpHeaders } from 'node:http'
import { pipeline } from 'node:stream/promises'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { mediaTypes } from '../machinery/index.ts'
import type { ShownPages } from '../resources/endpoint.ts'
import type { Shown } from '../resources/shown.ts'
import { acceptsGzip, createListGzip } from './compress.ts'
import type { ListForm } from './list-form.ts'
import { sendBody } from './respond.ts'

/**
 * Sends a list page by page. One that fits in a page has a length; a longer one is written as it is read, no faster than the
 * client takes it. Where that breaks off, the connection does too: half a list must not look whole.
 */
export async function sendPages(
  request: FastifyRequest,
  reply: FastifyReply,
  form: ListForm,
  { metadata, pages }: ShownPages,
): Promise<void> {
  const reading = pages[Symbol.asyncIterator]()
  const first = await reading.next()
  const second = first.done === true ? first : await reading.next()
  const head = Buffer.from(form.head(metadata))
  const start = first.done === true ? [] : pieces(first.value, form, true)
  if (second.done === true) {
    const text = first.done === true ? emptyText(form, metadata) : undefined
    const body =
      text === undefined ? Buffer.concat([head, ...start, Buffer.from(form.tail)]) : Buffer.from(text)
    sendBody(request, reply.code(200).headers(headers), body)
    return
  }
  reply.hijack()
  const { raw } = reply
  const zipped = acceptsGzip(request.headers['accept-encoding'])
  raw.writeHead(200, {
    ...(reply.getHeaders() as OutgoingHttpHeaders),
    ...headers,
    ...(zipped ? { 'content-encoding': 'gzip', vary: 'Accept-Encoding' } : {}),
  })
  const texts = async function* () {
    yield Buffer.concat([head, ...start])
    let page: IteratorResult<readonly Shown[]> = second
    for (; page.done !== true; page = await reading.next()) {
      yield Buffer.concat(pieces(page.value, form, false))
    }
    yield Buffer.from(form.tail)
  }
  try {
    await (zipped ? pipeline(texts, createListGzip(), raw) : pipeline(texts, raw))
  } catch (error) {
    if (!raw.destroyed || !isClientGone(error)) request.log.warn({ err: error }, 'a list broke off')
    raw.destroy()
  } finally {
    await reading.return?.()
  }
}

function isClientGone(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ERR_STREAM_PREMATURE_CLOSE'
}

const headers = { 'content-type': mediaTypes.json, 'cache-control': 'no-cache, private' }

/** As JSON.stringify writes an empty array. */
function emptyText(form: ListForm, metadata: ShownPages['metadata']): string {
  return `${form.head(metadata).trimEnd()}${form.tail.trimStart()}`
}

function pieces(page: readonly Shown[], form: ListForm, isFirst: boolean): Buffer[] {
  const separator = Buffer.from(form.separator)
  return form.items(page).flatMap((item, index) => {
    const bytes = typeof item === 'string' ? Buffer.from(item) : item
    return isFirst && index === 0 ? [bytes] : [separator, bytes]
  })
}
