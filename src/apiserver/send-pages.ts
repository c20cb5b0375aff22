import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { mediaTypes } from '../machinery/index.ts'
import type { ShownPages } from '../resources/endpoint.ts'
import type { Shown } from '../resources/shown.ts'
import type { ListForm } from './list-form.ts'

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
    reply.code(200).headers(headers).send(body)
    return
  }
  reply.hijack()
  const { raw } = reply
  raw.writeHead(200, { ...headers, 'transfer-encoding': 'chunked' })
  try {
    await write(raw, Buffer.concat([head, ...start]))
    let page: IteratorResult<readonly Shown[]> = second
    while (page.done !== true) {
      await write(raw, Buffer.concat(pieces(page.value, form, false)))
      if (raw.destroyed) return
      page = await reading.next()
    }
    raw.end(form.tail)
  } catch (error) {
    request.log.warn({ err: error }, 'a list broke off')
    raw.destroy()
  } finally {
    await reading.return?.()
  }
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

async function write(raw: ServerResponse, bytes: Buffer): Promise<void> {
  if (raw.destroyed || raw.write(bytes)) return
  const over = new AbortController()
  const options = { signal: over.signal }
  const ignore = () => undefined
  try {
    await Promise.race([once(raw, 'drain', options).catch(ignore), once(raw, 'close', options).catch(ignore)])
  } finally {
    over.abort()
  }
}
