import type { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import type { Subject } from '../access/access.ts'
import { lendBody } from '../blobs/index.ts'
import type { Repository } from './repository.ts'
import type { StreamView } from './stream-reader.ts'

/** One request to a repository, after the door: what the handlers of all routes are given. */
export interface Call {
  method: string
  request: IncomingMessage
  query: URLSearchParams
  subject: Subject
  repository: Repository
  /** The repository's stream; asked for at most once in a request (B-4). */
  stream(): Promise<StreamView | undefined>
  /** Scheme and host in front of the paths that we send. */
  base: string
  /** Aborted when the client has gone. */
  signal: AbortSignal
}

/** The body as it comes, without ending the connection when we stop reading early: the answer still has to go out. */
export function bodyOf(request: IncomingMessage): AsyncIterable<Uint8Array> {
  return lendBody(request)
}

/** Whether the pieces of the body are nobody else's: those of an injected request belong to whoever injected it. */
export function ownsBody(request: IncomingMessage): boolean {
  return request.socket instanceof Socket
}

/** undefined when the client did not say. */
export function contentLength(request: IncomingMessage): number | undefined {
  const text = request.headers['content-length']
  return text === undefined ? undefined : Number(text)
}

export function isRead(call: Pick<Call, 'method'>): boolean {
  return call.method === 'GET' || call.method === 'HEAD'
}

export function absoluteUrl(call: Call): string {
  return `${call.base}${call.request.url ?? ''}`
}
