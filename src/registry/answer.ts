import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** What a handler wants sent. Handlers decide, {@link sendAnswer} does. */
export interface Answer {
  status: number
  headers: Readonly<Record<string, string | readonly string[]>>
  /** Never sent on HEAD; then the headers must already say its length. */
  body?: Uint8Array | Readable | BodySource
}

/** A body that writes itself, such as an open blob: ends the sink, or rejects. */
export interface BodySource {
  sendTo(sink: Writable): Promise<void>
}

/** How long a client whose body nobody wants may go on sending it. */
const lingerMs = 5_000

export function emptyAnswer(status: number, headers: Answer['headers'] = {}): Answer {
  return { status, headers: status === 204 ? headers : { ...headers, 'Content-Length': '0' } }
}

/** One line of JSON. */
export function jsonAnswer(
  status: number,
  value: unknown,
  headers: Record<string, string> = {},
  contentType = 'application/json',
): Answer {
  const body = Buffer.from(`${JSON.stringify(value)}\n`)
  return {
    status,
    headers: { 'Content-Type': contentType, 'Content-Length': String(body.length), ...headers },
    body,
  }
}

/** Text of: not of the registry's own catalogue. */
export function textAnswer(status: number, text: string, headers: Record<string, string> = {}): Answer {
  const body = Buffer.from(text)
  return {
    status,
    headers: {
      'Content-Type': 'text/plain; charset=utf-8',
      'Content-Length': String(body.length),
      ...headers,
    },
    body,
  }
}

/**
 * A body that nobody will read is let run out when it is short; a long or endless one gets a moment, so that the client
 * sees the answer, and then the connection ends.
 */
function abandonBody(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return
  request.resume()
  const timer = setTimeout(() => {
    if (!request.complete) request.destroy()
  }, lingerMs)
  timer.unref()
  request.once('close', () => clearTimeout(timer))
}

/**
 * Writes the answer. A body stream that fails half-way ends the connection uncleanly: the client must not take what it
 * got for the whole. Rejects then.
 */
export async function sendAnswer(
  request: IncomingMessage,
  response: ServerResponse,
  answer: Answer,
): Promise<void> {
  const { status, body } = answer
  const headers = answer.headers as Record<string, string | string[]>
  const isUnread = !request.complete && (request.headers['transfer-encoding'] ?? '') !== ''
  response.writeHead(status, isUnread && status >= 400 ? { ...headers, Connection: 'close' } : headers)
  if (body === undefined || request.method === 'HEAD' || status === 304) {
    response.end()
    if (body instanceof Readable) body.destroy()
  } else if (body instanceof Uint8Array) {
    response.end(body)
  } else if (body instanceof Readable) {
    await pipeline(body, response)
  } else {
    await body.sendTo(response)
  }
  abandonBody(request)
}
