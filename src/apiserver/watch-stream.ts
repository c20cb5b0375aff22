import { once } from 'node:events'
import type { OutgoingHttpHeaders } from 'node:http'
import { Socket } from 'node:net'
import type { Writable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import type { WatchEvent } from '../client/client.ts'
import { ApiError, internalError } from '../machinery/errors.ts'
import type { ShownEvent } from '../resources/watch-objects.ts'

/** Turns one event into what the client asked for (the object, its Table, its metadata only). */
export type WriteEvent = (event: WatchEvent) => object

/** The line of an event, as it is and as a chunk of HTTP/1.1. */
interface Line {
  bytes: Buffer
  chunk: Buffer
}

/** Made once for all who watch the event in the same form. */
const lines = new WeakMap<object, Map<string, Line>>()

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
      const line = shared ? sharedLine(event) : undefined
      const full =
        line === undefined ? fullAfter(raw, `${JSON.stringify(toBody(event))}\n`) : fullAfterLine(raw, line)
      if (full !== undefined) await drained(full, raw, signal)
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

/** undefined: the event is made for one watcher only. */
function sharedLine(event: WatchEvent): Line | undefined {
  const { type } = event
  const shown = 'shown' in event ? (event as ShownEvent).shown : undefined
  if (shown === undefined) return undefined
  const known = lines.get(shown) ?? new Map<string, Line>()
  lines.set(shown, known)
  const before = known.get(type)
  if (before !== undefined) return before
  const line = toLine(`{"type":"${type}","object":`, shown.json, '}\n')
  known.set(type, line)
  return line
}

function toLine(begin: string, json: Buffer, end: string): Line {
  const size = begin.length + json.length + end.length
  const head = `${size.toString(16)}\r\n`
  const chunk = Buffer.concat([Buffer.from(head + begin), json, Buffer.from(`${end}\r\n`)])
  return { chunk, bytes: chunk.subarray(head.length, head.length + size) }
}

/** What has to drain before more is written. */
type Full = Writable | undefined

function fullAfter(stream: Writable, bytes: Buffer | string): Full {
  return stream.write(bytes) ? undefined : stream
}

/**
 * HTTP/1.1 sends a write in four pieces, three of them the frame of its chunk, and TLS copies them into one: for a line that many
 * get, that is most of what it costs. So its chunk goes to the connection as it is, behind what is written there already.
 */
function fullAfterLine(raw: FastifyReply['raw'], { bytes, chunk }: Line): Full {
  const { socket } = raw
  // A request that was injected has a connection by name only, and takes what is written from the response.
  const isFramed = raw.req.httpVersionMajor === 1 && raw.chunkedEncoding && socket instanceof Socket
  return isFramed ? fullAfter(socket, chunk) : fullAfter(raw, bytes)
}

/** Milliseconds after which a client that takes nothing is given up: what it missed, it lists anew. */
const stalledAfter = 60_000

async function drained(full: Writable, raw: FastifyReply['raw'], signal: AbortSignal): Promise<void> {
  const over = new AbortController()
  const timer = setTimeout(() => raw.destroy(), stalledAfter)
  const options = { signal: AbortSignal.any([signal, over.signal]) }
  const ignore = () => undefined
  try {
    await Promise.race([
      once(full, 'drain', options).catch(ignore),
      once(raw, 'close', options).catch(ignore),
    ])
  } finally {
    clearTimeout(timer)
    over.abort()
  }
}
