import { once } from 'node:events'
import type { OutgoingHttpHeaders } from 'node:http'
import type { FastifyReply } from 'fastify'
import type { WatchEvent } from '../client/client.ts'
import { ApiError, internalError } from '../machinery/errors.ts'
import type { ShownEvent } from '../resources/watch-objects.ts'

/** Turns one event into what the client asked for (the object, its Table, its metadata only). */
export type WriteEvent = (event: WatchEvent) => object

/** The line of an event is made once for all who watch it in the same form. */
const lines = new WeakMap<object, Map<string, Buffer>>()

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
      const line = shared ? sharedLine(event) : `${JSON.stringify(toBody(event))}\n`
      if (!raw.write(line)) await drained(raw, signal)
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

function sharedLine(event: WatchEvent): Buffer | string {
  const { type } = event
  const shown = 'shown' in event ? (event as ShownEvent).shown : undefined
  if (shown === undefined) return `${JSON.stringify(event)}\n`
  const known = lines.get(shown) ?? new Map<string, Buffer>()
  lines.set(shown, known)
  const before = known.get(type)
  if (before !== undefined) return before
  const line = Buffer.concat([Buffer.from(`{"type":"${type}","object":`), shown.json, lineEnd])
  known.set(type, line)
  return line
}

const lineEnd = Buffer.from('}\n')

/** Milliseconds after which a client that takes nothing is given up: what it missed, it lists anew. */
const stalledAfter = 60_000

async function drained(raw: FastifyReply['raw'], signal: AbortSignal): Promise<void> {
  const over = new AbortController()
  const timer = setTimeout(() => raw.destroy(), stalledAfter)
  const options = { signal: AbortSignal.any([signal, over.signal]) }
  const ignore = () => undefined
  try {
    await Promise.race([once(raw, 'drain', options).catch(ignore), once(raw, 'close', options).catch(ignore)])
  } finally {
    clearTimeout(timer)
    over.abort()
  }
}
