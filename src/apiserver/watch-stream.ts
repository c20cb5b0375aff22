import { once } from 'node:events'
import type { OutgoingHttpHeaders } from 'node:http'
import type { FastifyReply } from 'fastify'
import type { WatchEvent } from '../client/client.ts'
import { ApiError, internalError } from '../machinery/errors.ts'

/** Turns one event into what the client asked for (the object, its Table, its metadata only). */
export type WriteEvent = (event: WatchEvent) => object

/** An encoded event is made once for all who watch it in the same form. */
const encoded = new WeakMap<object, string>()

export interface WatchStreamOptions {
  events: AsyncIterable<WatchEvent>
  toBody: WriteEvent
  /** Whether `toBody` is the identity, so that its encoding may be shared among watchers. */
  shared: boolean
  contentType: string
  signal: AbortSignal
}

/** Newline-delimited events until they end, the client leaves or the server drains; a slow client is waited for. */
export async function streamWatch(reply: FastifyReply, options: WatchStreamOptions): Promise<void> {
  const { events, toBody, shared, contentType, signal } = options
  reply.hijack()
  const { raw } = reply
  raw.writeHead(200, {
    ...(reply.getHeaders() as OutgoingHttpHeaders),
    'content-type': contentType,
    'cache-control': 'no-cache, private',
  })
  raw.flushHeaders()
  try {
    for await (const event of events) {
      if (raw.destroyed) return
      const line = shared ? encodeShared(event) : JSON.stringify(toBody(event))
      if (!raw.write(`${line}\n`)) await drained(raw, signal)
    }
  } catch (error) {
    if (!signal.aborted && !raw.destroyed) {
      const status = error instanceof ApiError ? error : internalError('the watch broke', error)
      raw.write(`${JSON.stringify({ type: 'ERROR', object: status.toStatus() })}\n`)
      if (!(error instanceof ApiError)) reply.log.error({ err: error }, 'watch failed')
    }
  } finally {
    raw.end()
  }
}

function encodeShared(event: WatchEvent): string {
  const known = encoded.get(event.object)
  const object = known ?? JSON.stringify(event.object)
  if (known === undefined) encoded.set(event.object, object)
  return `{"type":"${event.type}","object":${object}}`
}

async function drained(raw: FastifyReply['raw'], signal: AbortSignal): Promise<void> {
  await Promise.race([once(raw, 'drain', { signal }), once(raw, 'close', { signal })]).catch(() => {})
}
